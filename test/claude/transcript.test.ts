// Where transcripts lie, as pure rules and on disk; that the real CLI agrees is checked in run-real.test.ts.
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder, sessionsOf, setAsideIfEmpty, transcriptPath } from '../../src/claude/transcript.js';
import { tempDir } from '../support/temp.js';

const A = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const B = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const USER_LINE = `${JSON.stringify({ type: 'user', uuid: 'u', message: { content: 'hello' } })}\n`;

test.each([
  ['/srv/my repo/a.b_c', '-srv-my-repo-a-b-c'],
  ['/srv/wé ü_日本.x', '-srv-w-------x'],
  ['/srv/😀a', '-srv---a'],
  [`/${'a'.repeat(199)}`, `-${'a'.repeat(199)}`],
])('the folder of %s is %s', (cwd, folder) => {
  expect(projectFolder(cwd)).toBe(folder);
});

test('the folder of a path above 200 characters is cut and told apart by a hash', () => {
  const cwd = `/srv/${'abcdefghi_'.repeat(30).slice(0, 197)}`;
  expect(projectFolder(cwd)).toBe(`${cwd.replaceAll(/[/_]/g, '-').slice(0, 200)}-jdp4r3`);
});

async function place(): Promise<{ configDir: string; cwd: string; folder: string }> {
  const dir = await tempDir('transcripts');
  const cwd = join(dir, 'workspace');
  const folder = join(dir, 'config', 'projects', projectFolder(cwd));
  await mkdir(cwd);
  await mkdir(folder, { recursive: true });
  return { configDir: join(dir, 'config'), cwd, folder };
}

test('a directory reached by a link is the one it leads to', async () => {
  const { configDir, cwd, folder } = await place();
  await symlink(cwd, `${cwd}-link`);
  expect(await transcriptPath(configDir, `${cwd}-link`, A)).toBe(join(folder, `${A}.jsonl`));
});

test('sessions come newest first by modification time, and nothing else is taken for one', async () => {
  const { configDir, cwd, folder } = await place();
  for (const [name, seconds] of Object.entries({ [`${A}.jsonl`]: 1_000, [`${B}.jsonl`]: 2_000 })) {
    await writeFile(join(folder, name), USER_LINE);
    await utimes(join(folder, name), seconds, seconds);
  }
  await mkdir(join(folder, 'cccccccc-cccc-4ccc-8ccc-cccccccccccc.jsonl'));
  for (const name of ['agent-1.jsonl', 'notes.txt', `${A}.jsonl.bak`, `x${A}.jsonl`])
    await writeFile(join(folder, name), '');
  const ids = async () => (await sessionsOf(configDir, cwd)).map((each) => each.sessionId);
  expect(await ids()).toEqual([B, A]);
  await utimes(join(folder, `${A}.jsonl`), 3_000, 3_000);
  expect(await ids()).toEqual([A, B]);
});

test('a directory that Claude never worked in has no sessions', async () => {
  const { configDir, cwd } = await place();
  expect(await sessionsOf(`${configDir}-none`, cwd)).toEqual([]);
});

test('a transcript without one conversation line is moved aside; any other, and a missing one, is left alone', async () => {
  const { configDir, cwd, folder } = await place();
  const path = (id: string) => join(folder, `${id}.jsonl`);
  await writeFile(path(A), '{"type":"queue-operation","content":"\\"type\\":\\"user\\""}\n');
  await writeFile(path(B), `{"type":"queue-operation"}\n${USER_LINE}`);
  expect(await setAsideIfEmpty(path(A))).toBe(true);
  expect(await setAsideIfEmpty(path(B))).toBe(false);
  expect(await setAsideIfEmpty(path('cccccccc-cccc-4ccc-8ccc-cccccccccccc'))).toBe(false);
  expect((await sessionsOf(configDir, cwd)).map((each) => each.sessionId)).toEqual([B]);
});
