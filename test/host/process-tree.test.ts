// Every process of an attempt is found by its marker and dies, wherever it hid; nobody else is touched.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readProcess } from '../../src/host/process-table.js';
import { findMarked, killMarked, processTreeSupport, signalGently } from '../../src/host/process-tree.js';
import { mayStartPidNamespace } from '../support/namespaces.js';
import { until } from '../support/poll.js';
import { bundleProgram } from '../support/program.js';
import { newTempDir, tempDir } from '../support/temp.js';

const NAME = 'TASKRUN_TEST_MARK';
let value: string;
let out: Awaited<ReturnType<typeof newTempDir>>;
beforeAll(async () => {
  out = await newTempDir('program');
});
afterAll(() => out.remove());
beforeEach(() => {
  value = randomUUID();
  onTestFinished(async () => void (await killMarked(NAME, value)));
});

describe('findMarked', () => {
  it('finds children after setsid, a double fork, another directory and a new parent', async () => {
    shell('(cd / && setsid sh -c "sleep 301 & exec sleep 302") & setsid setsid sleep 303 & exit 0');
    const found = await untilFound(3);
    expect(found.map(({ command }) => command)).toEqual(['sleep 301', 'sleep 302', 'sleep 303']);
    const parents = found.map(({ pid }) => readProcess(pid)?.parent);
    expect(parents).not.toContain(process.pid);
  });

  it('takes the whole value and the whole name, not a part of either', async () => {
    shell('exec sleep 300', { [NAME]: `${value}x` });
    shell('exec sleep 300', { [NAME]: 'other', [`X${NAME}`]: value });
    shell('exec sleep 300', { [NAME]: 'other', OTHER: `${NAME}=${value}` });
    shell('exec sleep 304', { [NAME]: value, LAST: 'x' });
    const found = await untilFound(1);
    expect(found.map(({ command }) => command)).toEqual(['sleep 304']);
    await killMarked(NAME, `${value}x`);
    await killMarked(`X${NAME}`, value);
    await killMarked('OTHER', `${NAME}=${value}`);
    expect(findMarked(NAME, value)).toHaveLength(1);
  });

  it('leaves out the attempt that is meant to live, and zombies', async () => {
    shell('exec sleep 305', { [NAME]: value, ATTEMPT: 'old' });
    const spared = shell('exec sleep 306', { [NAME]: value, ATTEMPT: 'new' });
    const parent = shell('sleep 307 & exec sleep 308', { [NAME]: value, ATTEMPT: 'old' });
    const child = (await untilFound(4)).find(({ command }) => command === 'sleep 307');
    process.kill(child?.pid ?? 0, 'SIGKILL');
    await until(() => readProcess(child?.pid ?? 0)?.gone, { what: 'it is a zombie' });
    const found = findMarked(NAME, value, { except: { name: 'ATTEMPT', value: 'new' } });
    expect(found.map(({ command }) => command).toSorted()).toEqual(['sleep 305', 'sleep 308']);
    expect(found.map(({ pid }) => pid)).not.toContain(spared.pid);
    expect(found.map(({ pid }) => pid)).toContain(parent.pid);
  });
});

describe('killMarked', () => {
  it('kills stopped ones, those that ignore every signal they can, and all that hid', async () => {
    const stopped = shell('exec sleep 300');
    shell('trap "" INT TERM HUP QUIT; sleep 300; sleep 300');
    shell('(setsid sh -c "sleep 300 & exec sleep 300") & exit 0');
    await untilFound(5);
    process.kill(stopped.pid ?? 0, 'SIGSTOP');
    const outcome = await killMarked(NAME, value);
    expect(outcome.killed.length).toBeGreaterThanOrEqual(5);
    expect(outcome.left).toEqual([]);
    expect(findMarked(NAME, value)).toEqual([]);
  });

  it('spares the attempt that is meant to live, and its children', async () => {
    shell('sleep 300 & exec sleep 300', { [NAME]: value, ATTEMPT: 'old' });
    shell('sleep 309 & exec sleep 310', { [NAME]: value, ATTEMPT: 'new' });
    await untilFound(4);
    await killMarked(NAME, value, { except: { name: 'ATTEMPT', value: 'new' } });
    const living = await untilFound(2);
    expect(living.map(({ command }) => command)).toEqual(['sleep 309', 'sleep 310']);
  });

  it('outruns a process that forks without pause', async () => {
    shell('i=0; while [ $i -lt 3000 ]; do setsid sleep 300 & i=$((i+1)); done');
    await until(() => findMarked(NAME, value).length > 20, { what: 'it forks' });
    const outcome = await killMarked(NAME, value);
    expect(outcome.left).toEqual([]);
    expect(findMarked(NAME, value)).toEqual([]);
  });

  it('outruns a relay: each process starts the next one and ends', async () => {
    const dir = await tempDir('relay');
    const baton = join(dir, 'baton');
    const relay = join(dir, 'relay');
    await writeFile(relay, `#!/bin/sh\necho x >> ${baton}\n[ -e ${dir}/end ] || setsid ${relay} &\n`);
    await chmod(relay, 0o755);
    onTestFinished(() => writeFile(join(dir, 'end'), ''));
    const handed = async () => (await readFile(baton, 'utf8').catch(() => '')).length;
    shell(relay);
    await until(async () => (await handed()) > 50, { what: 'the relay runs' });
    await killMarked(NAME, value);
    const atTheEnd = await handed();
    // A relay that lives hands on hundreds of times a second: this look can fail, and only with a living one.
    await expect(
      until(async () => (await handed()) > atTheEnd, { timeoutMs: 300, what: 'it goes on' }),
    ).rejects.toThrow();
  });

  it('kills kin that lost the marker: a child, and a member of a session that a marked one leads', async () => {
    const marks = await tempDir('kin');
    const [child, member] = [join(marks, 'child'), join(marks, 'member')];
    shell(`${lost(child, 'exec sleep 300')} & (${lost(member, 'sleep 300')} &) ; exec sleep 300`, undefined, true);
    const pids = await until(
      async () =>
        Promise.all(
          [child, member].map(async (mark) => Number((await readFile(mark, 'utf8')).trim()) || Promise.reject(mark)),
        ),
      { what: 'both run' },
    );
    expect(findMarked(NAME, value).filter(({ pid }) => pids.includes(pid))).toEqual([]);
    const { killed, left } = await killMarked(NAME, value);
    expect(killed).toEqual(expect.arrayContaining(pids));
    expect(left).toEqual([]);
    for (const pid of pids)
      await until(() => readProcess(pid) === undefined || readProcess(pid)?.gone, { what: 'it is gone' });
  });

  it('leaves alone who merely shares a session or a group with a marked one', async () => {
    const bystander = spawn('sleep', ['300'], { stdio: 'ignore' });
    onTestFinished(() => void bystander.kill('SIGKILL'));
    const marked = shell('exec sleep 300');
    const [one, other] = [readProcess(bystander.pid ?? 0), readProcess(marked.pid ?? 0)];
    expect([one?.session, one?.group]).toEqual([other?.session, other?.group]);
    await untilFound(1);
    expect((await killMarked(NAME, value)).killed).toEqual([marked.pid]);
    expect(readProcess(bystander.pid ?? 0)?.gone).toBe(false);
  });

  it('never kills itself or its ancestors, whatever they carry', async () => {
    const program = await bundleProgram(fileURLToPath(new URL('programs/kill-own-kind.ts', import.meta.url)), out.dir);
    const script = `sleep 300 & echo $!; ${process.execPath} ${program} ${NAME} ${value}; echo alive`;
    const said = execFileSync('sh', ['-c', script], {
      env: markedEnv(),
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
      .trim()
      .split('\n');
    expect(said).toEqual([said[0], JSON.stringify({ killed: [Number(said[0])], left: [] }), 'alive']);
  });

  it('finds nobody: says so at once', async () => {
    expect(await killMarked(NAME, value)).toEqual({ killed: [], left: [] });
  });
});

describe('signalGently', () => {
  it('lets a process end by itself, and says when there is none', async () => {
    const child = shell('trap "exit 7" INT; while :; do sleep 0.05; done');
    const loops = () => findMarked(NAME, value).some(({ command }) => command === 'sleep 0.05');
    await until(loops, { what: 'it is past its trap' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until(
      () => {
        signalGently(child.pid ?? 0);
        return child.exitCode === 7;
      },
      { what: 'it ends with its own code' },
    );
    expect(await ended).toBe(7);
    expect(signalGently(child.pid ?? 0)).toBe('gone');
  });
});

describe('processTreeSupport', () => {
  it('is there on Linux', () => {
    expect(processTreeSupport()).toEqual({ ok: true });
  });

  it.skipIf(!mayStartPidNamespace)("refuses a /proc that shows another PID namespace's processes", async () => {
    const program = await bundleProgram(fileURLToPath(new URL('programs/tree-support.ts', import.meta.url)), out.dir);
    const said = execFileSync('unshare', ['-rpf', process.execPath, program], { encoding: 'utf8' });
    expect(JSON.parse(said)).toMatchObject({
      ok: false,
      says: expect.stringMatching(/another PID namespace.*mount -t proc/),
    });
  });
});

function markedEnv(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', [NAME]: value };
}

/** Writes its pid down, and has none of the environment. */
const lost = (mark: string, how: string) => `env -i sh -c 'echo $$ > ${mark}; ${how}'`;

/** Not detached: it shares this test's session and process group, as a careless child does. */
function shell(script: string, env: Record<string, string> = {}, detached = false) {
  return spawn('sh', ['-c', script], { env: { ...markedEnv(), ...env }, stdio: 'ignore', detached });
}

/** Waits until so many are found, and gives them in the order of their commands. */
function untilFound(count: number) {
  return until(
    () => {
      const found = findMarked(NAME, value).filter(({ command }) => /^sleep|^sh -c trap/.test(command));
      return found.length === count && found.toSorted((a, b) => a.command.localeCompare(b.command));
    },
    { what: `${count} marked processes run` },
  );
}
