// What an attempt tells the workflow stays small, whatever Claude says, in whatever script: it ends up in history.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attemptProgress } from '../../../src/contract/attempt.js';
import { BOUNDS } from '../../../src/contract/limits.js';
import { jsonBytes } from '../../../src/contract/text.js';
import { openHome } from '../../../src/host/home.js';
import { newSite, recorder } from './support/site.js';

test('an answer of a megabyte is cut in the report, also in one made from the transcript', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: '[[big 1MB]]' });
  const { all, onProgress } = recorder();
  const report = await site.run(request, { onProgress });
  expect(report).toMatchObject({ outcome: 'done' });
  expect(report.text?.length).toBe(BOUNDS.resultChars);
  const again = await site.run(task.again(request), { onProgress });
  expect(again).toMatchObject({ outcome: 'done', sent: '', text: report.text });
  for (const each of all) expect(jsonBytes(each)).toBeLessThanOrEqual(BOUNDS.heartbeatBytes);
});

test.each([
  ['words of three bytes a character', `[[say ${'語'.repeat(5_000)}]]`],
  ['words that JSON doubles', `[[say ${'"\\'.repeat(2_500)}]]`],
  ['a tool with an endless name', `[[tool ${'Tö語"\\'.repeat(1_000)} {}]] [[say ok]]`],
])('%s, in a home with a long path: every heartbeat stays within its bound', async (_name, prompt) => {
  const site = await newSite();
  const opened = await openHome(join(site.root, ...Array.from({ length: 6 }, () => 'long'.repeat(50))));
  if (!opened.ok) throw new Error(opened.says);
  const { all, onProgress } = recorder();
  const as = { home: opened.home, hostname: 'h'.repeat(64) };
  const report = await site.run(site.task('t'.repeat(1_000)).request({ prompt }), { onProgress }, as);
  expect(report).toMatchObject({ outcome: 'done' });
  expect(all.length).toBeGreaterThan(3);
  for (const each of all) expect(jsonBytes(each)).toBeLessThanOrEqual(BOUNDS.heartbeatBytes);
  expect(attemptProgress.parse(all.at(-1))).toMatchObject({ seen: true, delivered: true });
});

test('a failure of many words is cut, and says where the log lies', async () => {
  const site = await newSite();
  const report = await site.run(site.task().request({ prompt: `[[error 403 ${'no '.repeat(3_000)}]]` }));
  expect(report).toMatchObject({ outcome: 'fault', problem: { class: 'credential', log: report.log } });
  expect(report.problem?.says.length).toBeLessThanOrEqual(BOUNDS.problemChars);
  expect(jsonBytes(report)).toBeLessThan(8 * 1024);
});
