import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configDirTrouble } from '../../src/claude/config-dir.js';
import { tempDir } from '../support/temp.js';

test('a directory that can be written is fine: made when missing, nothing left in it', async () => {
  const dir = join(await tempDir('config'), 'deep', 'claude');
  expect(await configDirTrouble(dir)).toBeUndefined();
  expect(await configDirTrouble(dir)).toBeUndefined();
  expect(await readdir(join(dir, 'projects'))).toEqual([]);
});

test('a file in its place is told with what to do', async () => {
  const dir = join(await tempDir('config'), 'claude');
  await writeFile(dir, '');
  expect(await configDirTrouble(dir)).toMatch(
    /keeps no transcripts: it can't be written \((ENOTDIR|EEXIST)\)\. Make it/,
  );
});

test('a place that no user may write is told', async () => {
  expect(await configDirTrouble('/proc/taskrun')).toMatch(/\/proc\/taskrun keeps no transcripts: it can't be written/);
});

test('a file where the transcripts’ folder should be is told', async () => {
  const dir = await tempDir('config');
  await mkdir(join(dir, 'claude'));
  await writeFile(join(dir, 'claude', 'projects'), '');
  expect(await configDirTrouble(join(dir, 'claude'))).toMatch(/keeps no transcripts/);
});
