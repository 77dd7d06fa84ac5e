// The operator's page: what stands on it, in which order, and that it always fits the URL by which the UI renders it.
import { describe, expect, test } from 'vitest';
import { urlChars } from '../../src/view/markdown.js';
import { taskPage } from '../../src/view/page.js';
import { taskView } from '../../src/view/task-view.js';
import { Driver } from '../domain/task/support/driver.js';

const pageOf = (task: Driver): string => taskPage(taskView(task.state));
const headings = (page: string): string[] => page.split('\n').filter((line) => line.startsWith('#'));
const rows = (page: string, heading: string): string[] =>
  (page.split(`## ${heading}\n\n`)[1]?.split('\n\n')[0] ?? '').split('\n').slice(2);

/** Its first session asked and answered, then each text in a session of its own. */
function worked(texts: string[], title = 'docs'): Driver {
  const task = new Driver({ title });
  task.launch();
  task.report('done', { text: 'first answer' });
  for (const text of texts) {
    task.tell('update', { prompt: text, newSession: true, requestedBy: text.slice(0, 200) });
    task.launch();
    task.report('done', { text });
  }
  return task;
}

test('an idle task: the phase first, then the sessions, what to send, what happened', () => {
  const page = pageOf(worked(['second prompt']));
  expect(headings(page)).toEqual([
    '# docs',
    '## Sessions',
    '## Send a Signal or an Update',
    '## Attempts',
    '## Commands',
  ]);
  expect(page.split('\n')[2]).toMatch(
    /^\*\*idle\*\* · attempt 2: done · context version 2 · 0\.0000 USD · as of 2026-/,
  );
  expect(rows(page, 'Sessions').map((row) => row.split('|')[2]?.trim())).toEqual([
    'second prompt: second prompt → second prompt',
    'first prompt → first answer',
  ]);
});

test('a choice names each answer by its session, and the command that goes with it only once', () => {
  const task = worked(['second prompt']);
  task.tell('resume', { prompt: 'go on' });
  const page = pageOf(task);
  expect(headings(page).slice(0, 3)).toEqual(['# docs', '## Waiting for: choice', '## Sessions']);
  expect(page).toContain('**answer** · 1: first prompt → first answer\n\n```json\n{"pick":1}\n```');
  expect(page.match(/More Actions/g)).toHaveLength(1);
});

test('a working task offers stop, a stopped one does not, a finished one offers nothing', () => {
  const task = worked([]);
  task.tell('update', { prompt: 'more' });
  task.launch();
  expect(pageOf(task)).toContain('Pending Activities');
  expect(pageOf(task)).toContain('**stop**');
  task.tell('stop', {});
  task.report('ended');
  expect(pageOf(task)).not.toContain('**stop**');
  expect(pageOf(task)).toContain('**continue** · ');
  task.tell('finish', {});
  task.feed({ type: 'closed', atMs: task.nowMs });
  expect(pageOf(task)).not.toContain('```json');
});

test('a refused Signal stands on top of the commands, with the reason', () => {
  const task = worked(['second prompt']);
  const why = 'update.promt: unknown field; did you mean "prompt"?';
  task.feed({ type: 'refused', atMs: task.nowMs, commandId: 'c-bad', name: 'update', why, payload: { promt: 'x' } });
  expect(rows(pageOf(task), 'Commands')[0]).toContain(`refused: ${why}`);
});

test('the active session is shown, however many are newer', () => {
  const task = worked(Array.from({ length: 45 }, (_, i) => `prompt ${i}`));
  const [first] = task.state.sessions;
  task.tell('resume', { sessionId: first?.id, prompt: 'back to the first' });
  const page = pageOf(task);
  expect(rows(page, 'Sessions')[0]).toMatch(/^\| 1\b.*active/);
  expect(page).toContain('of 46; more in the query `sessions`.');
});

describe('fits the URL by which the UI has it rendered', () => {
  test.each([
    ['long words', 'word '.repeat(500)],
    ['Chinese', '漢'.repeat(2_000)],
    ['emoji', '😀'.repeat(1_000)],
    ['markup', '|`<$_*['.repeat(400)],
  ])('with 50 sessions of %s that wait', (_, text) => {
    const task = worked(
      Array.from({ length: 50 }, () => text),
      text.slice(0, 400),
    );
    task.tell('resume', { prompt: text });
    expect(urlChars(pageOf(task))).toBeLessThanOrEqual(7_500);
    expect(headings(pageOf(task))).toContain('## Waiting for: choice');
    task.tell('answer', { pick: 3 });
    task.launch();
    task.report('fault', { problem: { class: 'unknown', says: text, log: `/${text}` } });
    expect(urlChars(pageOf(task))).toBeLessThanOrEqual(7_500);
    expect(headings(pageOf(task))).toContain('## Waiting for: operator');
  });

  test('an ordinary task keeps its rows', () => {
    const task = worked(Array.from({ length: 12 }, (_, i) => `please have a look at page ${i} of the docs`));
    expect(rows(pageOf(task), 'Sessions')).toHaveLength(8);
    expect(rows(pageOf(task), 'Attempts')).toHaveLength(5);
  });
});

test('a task without a safety net says so at the top, and why', () => {
  const task = worked(['a']);
  expect(pageOf(task)).not.toContain('No safety net');
  task.accepted('update', { prompt: 'more' });
  task.work('done', { unsaved: { class: 'store', says: 'TASKRUN_STORE is <read-only>' } });
  expect(pageOf(task)).toMatch(
    /No safety net:\*\* the newest work has no checkpoint\. TASKRUN\S*STORE is \S*<read-only/,
  );
  expect(pageOf(task).indexOf('No safety net')).toBeLessThan(pageOf(task).indexOf('## '));
});
