// The store as the commands find it: a setting that is wrong, a place that can't be used, and what doctor says of it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeFindings } from '../../src/cli/doctor/store-checks.js';
import { fromOf } from '../../src/cli/from-option.js';
import { openStore } from '../../src/context/store/store.js';
import { plainStore } from '../context/support/compare-store.js';
import { gitServer } from '../context/support/store-daemon.js';
import { tempDir } from '../support/temp.js';
import { cli } from './support/cli.js';
import { cliEnv } from './support/world.js';

const NOWHERE = 'git://127.0.0.1:1/store.git';

async function run(store: string, ...args: string[]) {
  const dir = await tempDir('store-settings');
  const env = { ...cliEnv(dir, 'http://127.0.0.1:9'), TASKRUN_STORE: store, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  return cli(args, { env });
}

describe('a store that can not be used ends', () => {
  it('with 3 where nothing is reached, its address without its password', async () => {
    const ended = await run('http://user:secret@127.0.0.1:1/store.git', 'log', 't');
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(
      /TASKRUN_STORE http:\/\/\*\*\*@127\.0\.0\.1:1\/store\.git cannot be reached: .*Check the address/,
    );
    expect(ended.stderr).not.toContain('secret');
  });

  it.each([
    ['a relative path', async () => 'some/dir', /neither an absolute path nor a git URL/],
    ['a directory that is none', full, /is no git repository.*Set TASKRUN_STORE to a bare git repository/],
    ['another version of it', otherVersion, /in the format of another version of taskrun/],
    ['nothing at all', async () => join(await tempDir('none'), 'none'), /There is no store of checkpoints at/],
  ])('with 2 for %s', async (_, make, says) => {
    const store = await make();
    for (const args of [['diff', 't'], ['gc']]) {
      const ended = await run(store, ...args);
      expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
    }
  });
});

async function full(): Promise<string> {
  const dir = await tempDir('full');
  await writeFile(join(dir, 'mine.txt'), '');
  return dir;
}

async function otherVersion(): Promise<string> {
  const store = await plainStore();
  await store.git(['update-ref', 'refs/taskrun-store/v7', 'refs/taskrun-store/v1']);
  await store.git(['update-ref', '-d', 'refs/taskrun-store/v1']);
  return store.gitDir;
}

describe('doctor', () => {
  const storeOf = async (store: string | undefined, home: string) =>
    (await storeFindings({ home, ...(store === undefined ? {} : { store }) })).find(
      ({ what }) => what === 'TASKRUN_STORE',
    );

  it('makes no store that is not there yet', async () => {
    const home = await tempDir('home');
    expect(await storeOf(undefined, home)).toMatchObject({
      state: 'good',
      says: expect.stringContaining('not there yet'),
    });
    expect(await storeOf(undefined, home)).toMatchObject({ says: expect.stringContaining('not there yet') });
  });

  it('tells place, format and fill of one that is', async () => {
    const home = await tempDir('home');
    const { gitDir } = await openStore({ home });
    expect(await storeOf(undefined, home)).toEqual({
      what: 'TASKRUN_STORE',
      state: 'good',
      says: expect.stringMatching(`^${gitDir}, writable, format v1, no tasks yet, 0\\.0 MiB$`),
    });
  });

  it('tells one that takes no pushes, and one that is not reached, each with its remedy', async () => {
    const home = await tempDir('home');
    const gone = await storeOf(NOWHERE, home);
    expect(gone).toMatchObject({
      state: 'bad',
      says: expect.stringContaining('cannot be reached'),
      remedy: [expect.stringContaining('Check')],
    });
    const server = await gitServer();
    expect(await storeOf(server.url, home)).toMatchObject({
      state: 'good',
      says: expect.stringMatching(/writable, format v1, no tasks yet/),
    });
    await server.stop();
    await server.start({ readOnly: true });
    expect(await storeOf(server.url, home)).toMatchObject({
      state: 'bad',
      says: expect.stringContaining('cannot be written'),
      remedy: [expect.stringContaining('right to write')],
    });
  });

  it('finds a git that is too old, or none', async () => {
    const bin = await tempDir('bin');
    await mkdir(join(bin, 'empty'));
    await writeFile(join(bin, 'git'), '#!/bin/sh\necho git version 2.30.2\n', { mode: 0o755 });
    const env = { ...cliEnv(await tempDir('doctor'), 'http://127.0.0.1:9'), TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const gitOf = async (path: string) => {
      const ended = await cli(['doctor', '--json'], { env: { ...env, PATH: path } });
      const { findings } = JSON.parse(ended.stdout) as { findings: { what: string; says: string; state: string }[] };
      return findings.filter(({ what }) => what === 'git' || what === 'TASKRUN_STORE');
    };
    expect(await gitOf(`${bin}:/bin`)).toMatchObject([{ what: 'git', state: 'bad', says: '2.30.2 is too old' }]);
    expect(await gitOf(join(bin, 'empty'))).toMatchObject([{ what: 'git', state: 'bad', says: 'is not on PATH' }]);
  });
});

it.each([
  ['task', { taskId: 'task' }],
  ['task@v1', { taskId: 'task', checkpoint: 'v1' }],
  ['a/b:c@1a2b3c4', { taskId: 'a/b:c', checkpoint: '1a2b3c4' }],
  ['ann@example.com@', { taskId: 'ann@example.com' }],
  ['ann@example.com@v1', { taskId: 'ann@example.com', checkpoint: 'v1' }],
])('--from %s', (given, from) => {
  expect(fromOf(given)).toEqual(from);
});
