// Checkpoints taken while Claude works: what the conversation says was done is done in the files of the same checkpoint.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { LocalTask } from './support/local-task.js';
import { bash, twoHosts } from './support/moments.js';

const STEPS = 14;

test('no checkpoint tells of a deed that its files lack', async () => {
  const { site, a, store } = await twoHosts({ checkpointEveryMs: 1 });
  // Many files: reading them takes longer than the next deed.
  const many = bash('mkdir many; (cd many; seq 8000 | xargs touch)');
  const steps = Array.from({ length: STEPS }, (_, n) => bash(`echo ${n} >> log`)).join(' ');
  const task = new LocalTask(site, 'deeds', { prompt: `${many} ${steps} [[say done]]` });
  const ids = new Set<string>();
  const onProgress = ({ checkpoint }: { checkpoint?: string | undefined }): void => {
    if (checkpoint !== undefined) ids.add(checkpoint);
  };
  expect(task.feed(await site.run(task.launch(), { onProgress }, a))).toMatchObject({ outcome: 'done' });
  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', store, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const told: [number, number][] = [...ids].map((id) => {
    const files = git('ls-tree', '-r', '--name-only', id).split('\n');
    const log = files.includes('workspace/log') ? git('show', `${id}:workspace/log`) : '';
    const segments = files.filter((name) => name.startsWith('claude/') && name.includes('/segments/'));
    const transcript = segments.map((name) => git('show', `${id}:${name}`)).join('');
    return [transcript.split('"type":"tool_result"').length - 2, log.split('\n').length - 1];
  });
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter(([said, done]) => said > done)).toEqual([]);
});
