// What checkpoints cost, as ratios in one run: against plain git on the same tree, against `git clone`, against the
// transcript itself. `npm run bench:checkpoint`; figures go to docs/benchmarks.md by hand, with the machine's name.
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { filesOf } from '../dist/context/store/content.js';
import { advance, claimHead } from '../dist/context/store/fence.js';
import { locate } from '../dist/context/store/locate.js';
import { readMoment } from '../dist/context/store/read.js';
import { openStore } from '../dist/context/store/store.js';
import { planTranscripts } from '../dist/context/transcripts/plan.js';
import { restoreWorkspace } from '../dist/context/workspace/restore.js';
import { takeWorkspace } from '../dist/context/workspace/take.js';

const FILES = Number(process.env.BENCH_FILES ?? 50_000);
const FOLDERS = 500;
const FILE_BYTES = 4_096;
const CHANGED = 10;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const TRANSCRIPT_BYTES = 50 * 1024 * 1024;
const CHECKPOINTS = 200;

const root = mkdtempSync(join(tmpdir(), 'taskrun-bench-'));
const git = (cwd, ...args) =>
  execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@b', '-c', 'gc.auto=0', ...args], {
    cwd,
    stdio: 'pipe',
  });
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => `${value.toFixed(0)} ms`;
const rows = [];
const row = (what, ours, other, goal) => {
  rows.push({ what, ours, other, ratio: (ours / other).toFixed(2), goal });
  process.stdout.write(
    `${what}: ${ours.toFixed(1)} against ${other.toFixed(1)} = ${(ours / other).toFixed(2)} x (goal ${goal})\n`,
  );
};

async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** One task of a store of its own, kept again and again as an attempt does. */
class Task {
  static async open(name, workspace) {
    const task = new Task();
    task.workspace = workspace;
    task.folder = join(root, `${name}-transcripts`);
    mkdirSync(task.folder, { recursive: true });
    task.privateDir = join(root, `${name}-private`);
    task.store = await openStore({ home: join(root, name) });
    task.key = { namespace: 'bench', taskId: name, incarnation: randomUUID() };
    task.sessionId = randomUUID();
    await task.claim(1);
    return task;
  }

  async claim(number, head) {
    const located = await locate(this.store, this.key, { since: [], ...(head === undefined ? {} : { head }) });
    const writer = {
      id: randomUUID(),
      number,
      token: Date.now() * 1000 + number,
      host: 'bench',
      sessionId: this.sessionId,
    };
    const claimed = await claimHead(this.store, this.key, located, writer);
    if (!claimed.ok) throw new Error('not claimed');
    this.fence = claimed.fence;
  }

  async keep() {
    const { kept } = this.fence;
    const known = kept && filesOf(kept);
    const taken = await takeWorkspace({
      gitDir: this.store.gitDir,
      workspace: this.workspace,
      privateDir: this.privateDir,
      ...(known && { known }),
    });
    const transcripts = await planTranscripts({ folder: this.folder, known: kept?.moment.transcripts ?? [] });
    const { tree, ...rest } = taken;
    return advance(this.fence, { ...rest, workspaceTree: tree, transcripts, during: false });
  }
}

function fill(dir) {
  for (let folder = 0; folder < FOLDERS; folder++) {
    mkdirSync(join(dir, `d${folder}`), { recursive: true });
    for (let n = 0; n < FILES / FOLDERS; n++) writeFileSync(join(dir, `d${folder}`, `f${n}`), randomBytes(FILE_BYTES));
  }
}

function change(dir) {
  for (let n = 0; n < CHANGED; n++)
    writeFileSync(join(dir, `d${(n * 37) % FOLDERS}`, `f${n}`), randomBytes(FILE_BYTES));
}

async function manyFiles() {
  const workspace = join(root, 'workspace');
  const plain = join(root, 'plain');
  fill(workspace);
  fill(plain);
  git(plain, 'init', '-q');
  const task = await Task.open('many', workspace);
  const first = await timed(() => task.keep());
  const firstPlain = await timed(() => {
    git(plain, 'add', '-A');
    git(plain, 'commit', '-qm', 'x');
  });
  row(`first checkpoint, ${FILES} files`, first, firstPlain, 'none');
  // A warm-up each: the first look after a write reads what was written in the same moment once more.
  await task.keep();
  git(plain, 'status');
  const [ours, others] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    change(workspace);
    ours.push(await timed(() => task.keep()));
    change(plain);
    others.push(
      await timed(() => {
        git(plain, 'add', '-A');
        git(plain, 'commit', '-qm', 'x');
      }),
    );
  }
  row(`${CHANGED} of ${FILES} files changed`, median(ours), median(others), '1.0');
  const { id } = await task.keep();
  const moment = await readMoment(task.store, id);
  const [restores, clones] = [[], []];
  for (let round = 0; round < Math.min(ROUNDS, 3); round++) {
    const into = join(root, `restored-${round}`);
    restores.push(
      await timed(() =>
        restoreWorkspace({
          gitDir: task.store.gitDir,
          workspace: into,
          privateDir: join(root, `p${round}`),
          id,
          moment,
        }),
      ),
    );
    const clone = join(root, `clone-${round}`);
    clones.push(await timed(() => git(root, 'clone', '-q', plain, clone)));
    rmSync(into, { recursive: true });
    rmSync(clone, { recursive: true });
  }
  row('restore against git clone', median(restores), median(clones), '1.3');
}

async function growingTranscript() {
  const workspace = join(root, 'transcript-workspace');
  mkdirSync(workspace);
  const task = await Task.open('transcript', workspace);
  const file = join(task.folder, `${task.sessionId}.jsonl`);
  const piece = TRANSCRIPT_BYTES / CHECKPOINTS;
  const times = [];
  for (let n = 0; n < CHECKPOINTS; n++) {
    // What a transcript is made of: half of it words, half of it what does not compress.
    const line = {
      type: 'assistant',
      uuid: randomUUID(),
      message: { content: [{ type: 'text', text: randomBytes(piece * 0.37).toString('base64') }] },
      words: 'the quick brown fox '.repeat(piece / 40),
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    times.push(await timed(() => task.keep()));
  }
  const size = (path) => Number(execFileSync('du', ['-sb', path], { encoding: 'utf8' }).split('\t')[0]);
  row(
    `store after ${CHECKPOINTS} checkpoints, MB against the transcript's`,
    size(task.store.gitDir) / 1e6,
    size(file) / 1e6,
    '1.5',
  );
  process.stdout.write(`  one of these checkpoints: median ${ms(median(times))}, the last ${ms(times.at(-1))}\n`);
}

async function smallAttempt() {
  const workspace = join(root, 'tiny-workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'a'), 'a');
  const task = await Task.open('tiny', workspace);
  const file = join(task.folder, `${task.sessionId}.jsonl`);
  let head = (await task.keep()).id;
  const [claims, keeps] = [[], []];
  for (let n = 2; n < 20; n++) {
    writeFileSync(join(workspace, 'a'), String(n));
    appendFileSync(
      file,
      `${JSON.stringify({ type: 'user', uuid: randomUUID(), message: { content: 'x'.repeat(140_000) } })}\n`,
    );
    claims.push(
      await timed(async () => {
        task.store = await openStore({ home: join(root, 'tiny') });
        await task.claim(n, head);
      }),
    );
    keeps.push(await timed(async () => (head = (await task.keep()).id)));
  }
  process.stdout.write(
    `added to a small attempt: ${ms(median(claims))} before the launch, ${ms(median(keeps))} after it, ${ms(median(claims) + median(keeps))} in all (goal 150 ms)\n`,
  );
}

try {
  process.stdout.write(
    `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}, ${execFileSync('git', ['--version'], { encoding: 'utf8' })}`,
  );
  await smallAttempt();
  await growingTranscript();
  await manyFiles();
} finally {
  rmSync(root, { recursive: true, force: true });
}
