// Two hosts that share nothing but a store behind git:// and a Temporal server: separate HOME, TASKRUN_HOME, TMPDIR and
// PID namespaces. The first one is lost in mid-turn, cut off, frozen and thawed; the second goes on with conversation
// and files. Judged by the API's log, the processes and the files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listRefs } from '../../../src/context/store/read.js';
import { openStore } from '../../../src/context/store/store.js';
import { type GitServer, gitServer } from '../../context/support/store-daemon.js';
import { mayStartPidNamespace } from '../../support/namespaces.js';
import { until } from '../../support/poll.js';
import { cuttableProxy } from '../../support/proxy.js';
import { type WorkerProcess, World } from '../../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const OF_ITS_OWN = ['unshare', '-r', '--pid', '--fork', '--kill-child', '--mount-proc'];

interface Hosts {
  world: World;
  store: GitServer;
  start: (name: string, env?: Record<string, string>) => Promise<WorkerProcess>;
  dir: (name: string) => string;
  workspace: (name: string) => string;
}

async function withHosts(work: (hosts: Hosts) => Promise<void>): Promise<void> {
  const store = await gitServer();
  const world = await World.open();
  const dir = (name: string): string => join(world.dir, name);
  const start = async (name: string, env: Record<string, string> = {}): Promise<WorkerProcess> => {
    const own = dir(name);
    await mkdir(join(own, 'tmp'), { recursive: true });
    const separate = { HOME: own, TASKRUN_HOME: join(own, 'taskrun'), TMPDIR: join(own, 'tmp') };
    const settings = { TASKRUN_STORE: store.url, TASKRUN_CHECKPOINT_EVERY: '1s' };
    return world.startWorker({ ...separate, ...settings, ...env }, OF_ITS_OWN);
  };
  const workspace = (name: string): string => {
    const tasks = join(dir(name), 'taskrun', 'tasks');
    const [task = ''] = existsSync(tasks) ? readdirSync(tasks) : [];
    return join(tasks, task, 'workspace');
  };
  try {
    await work({ world, store, start, dir, workspace });
  } finally {
    await world.close();
  }
}

/** The store holds what the attempt has done so far. */
const keptInMidTurn = ({ store, dir }: Hosts, needle: string): Promise<unknown> =>
  until(
    async () => {
      const opened = await openStore({ configured: store.url, home: dir('observer') });
      const heads = (await listRefs(opened, 'refs/taskrun/')).filter(({ ref }) => ref.endsWith('/head'));
      const { git } = await import('../../../src/context/git.js');
      for (const { id } of heads) {
        const files = await git({ gitDir: opened.gitDir, args: ['ls-tree', '-r', '--name-only', id] });
        // Files may be ahead of what is said of them: what is waited for is that both are there.
        const said = git({ gitDir: opened.gitDir, args: ['grep', '-qF', '-e', 'tool_result', id, '--', 'claude'] });
        const isSaid = await said.then(
          () => true,
          () => false,
        );
        if (isSaid && files.toString().includes(needle)) return true;
      }
      return false;
    },
    { what: `a checkpoint with ${needle}`, timeoutMs: 60_000, everyMs: 300 },
  );

/** The processes of a host, found by its home in their environment. */
function pidsOf(dir: string): number[] {
  const mark = `TASKRUN_HOME=${join(dir, 'taskrun')}`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
      } catch {
        return false;
      }
    });
}

const freeze = (dir: string, signal: 'SIGSTOP' | 'SIGCONT'): void => {
  for (const pid of pidsOf(dir)) process.kill(pid, signal);
};

const PROMPT = `two hosts ${bash('echo once >> log.txt; mkdir -p empty; chmod 600 log.txt')} [[hang]] [[recall]] [[say whole]]`;

test.skipIf(!mayStartPidNamespace)(
  'the first host burns down in mid-turn: the second goes on with conversation and files',
  { timeout: 300_000 },
  () =>
    withHosts(async (hosts) => {
      const { world, start, dir, workspace } = hosts;
      const first = await start('host-a');
      const task = await world.client.start(
        { prompt: PROMPT, claude: { allowedTools: ['Bash'] } },
        { taskId: 'burns' },
      );
      await keptInMidTurn(hosts, 'log.txt');
      await first.end('SIGKILL');
      await until(() => world.claudes.alive('burns').length === 0, { what: 'nothing of the first host is left' });
      await rm(dir('host-a'), { recursive: true, force: true });

      await start('host-b');
      const view = await world.idle(task, 2, 180_000);
      expect(view.attempts).toMatchObject([
        { outcome: 'lost' },
        { cause: 'lost', outcome: 'done', sent: '--continue' },
      ]);
      expect(view.attempts[1]?.startedFrom).toMatch(/^[0-9a-f]{40}$/);
      expect(view.result?.text).toBe('whole');
      expect(await readFile(join(workspace('host-b'), 'log.txt'), 'utf8')).toBe('once\n');
      expect(world.timesSaid('two hosts [[tool')).toBe(1);

      await task.send('update', { prompt: `${bash('cat log.txt > seen')} [[say still here]]` });
      const after = await world.idle(task, 3, 60_000);
      expect(after.attempts.at(-1)).toMatchObject({ outcome: 'done', sent: `--resume=${view.activeSessionId}` });
      expect(await readFile(join(workspace('host-b'), 'seen'), 'utf8')).toBe('once\n');
    }),
);

test.skipIf(!mayStartPidNamespace)(
  'cut off from the server in mid-turn, frozen, overtaken, thawed: one line of checkpoints, and the rest beside it',
  { timeout: 300_000 },
  () =>
    withHosts(async (hosts) => {
      const { world, start, dir, workspace, store } = hosts;
      const proxy = await cuttableProxy(Number(world.server.address.split(':')[1]));
      await start('host-a', { TEMPORAL_ADDRESS: `127.0.0.1:${proxy.port}` });
      const task = await world.client.start(
        { prompt: PROMPT, claude: { allowedTools: ['Bash'] } },
        { taskId: 'thaws' },
      );
      await keptInMidTurn(hosts, 'log.txt');
      freeze(dir('host-a'), 'SIGSTOP');
      proxy.cut();

      await start('host-b');
      const view = await world.idle(task, 2, 180_000);
      expect(view.attempts.at(-1)).toMatchObject({ cause: 'lost', outcome: 'done', sent: '--continue' });
      const kept = view.attempts.at(-1)?.checkpoint;

      freeze(dir('host-a'), 'SIGCONT');
      await until(
        () => world.claudes.alive('thaws').filter(({ environ }) => environ['HOME'] === dir('host-a')).length === 0,
        { what: 'the thawed host has ended its Claude', timeoutMs: 60_000 },
      );
      proxy.mend();
      await task.send('update', { prompt: `${bash('cat log.txt > seen')} and now? [[recall]]` });
      const after = await world.idle(task, view.attemptsTotal + 1, 120_000);
      expect(after.attempts.at(-1)).toMatchObject({ outcome: 'done', startedFrom: kept });
      expect(await readFile(join(workspace('host-b'), 'seen'), 'utf8')).toBe('once\n');
      expect(world.timesSaid('two hosts [[tool')).toBe(1);
      expect(world.timesSaid('and now?')).toBe(1);
      // What the first host made after it was overtaken stands beside the line, if it made anything.
      const opened = await openStore({ configured: store.url, home: dir('observer') });
      const heads = (await listRefs(opened, 'refs/taskrun/')).filter(({ ref }) => ref.endsWith('/head'));
      expect(heads.map(({ id }) => id)).toEqual([after.attempts.at(-1)?.checkpoint]);
      await proxy.close();
    }),
);
