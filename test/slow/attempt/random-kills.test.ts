// Nothing lost, nothing twice, at moments that nobody chose: drivers stopped or killed, CLIs killed, after random times,
// until an attempt is let alone. A run is repeated with its seed: TASKRUN_TEST_SEED=<seed>.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptReport, AttemptRequest } from '../../../src/contract/attempt.js';
import { useDriver } from '../../activities/attempt/support/drive.js';
import { watchLifetimes } from '../../activities/attempt/support/lifetimes.js';
import { cliOf, lastHeard, processesOf } from '../../activities/attempt/support/oracle.js';
import { newSite, type Site, type TaskOnSite, timesDelivered } from '../../activities/attempt/support/site.js';

const drive = useDriver();

const ROUNDS = 12;
const KILLS = 3;
const KILLED_WITHIN_MS = 2_500;
const FIRST_SEED = Number(process.env['TASKRUN_TEST_SEED'] ?? Date.now() % 1_000_000);

/** mulberry32: a small generator that a seed repeats. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const EFFECT = '[[tool Bash {"command":"echo x >> effects"}]]';

test.each(Array.from({ length: ROUNDS }, (_, round) => FIRST_SEED + round))(
  'seed %i: once in the conversation, once in the transcript, one attempt at a time',
  async (seed) => {
    const random = randomOf(seed);
    const site = await newSite();
    const task = site.task();
    const lifetimes = watchLifetimes(task);
    const first = task.request({ prompt: `[[say early]] [[sleep 400ms]] ${EFFECT} [[sleep 300ms]] [[say finished]]` });
    let request = first;
    let report: AttemptReport | undefined;
    for (let kill = 0; kill < KILLS && report?.outcome !== 'done'; kill += 1) {
      report = await killedAtRandom(site, request, random);
      request = task.again(request, report?.seen === true ? { session: { ...request.session, seen: true } } : {});
    }
    if (report?.outcome !== 'done') report = await drive(site, request).ended;
    lifetimes.stop();

    expect(report, JSON.stringify(report)).toMatchObject({ outcome: 'done', text: 'finished' });
    const heard = lastHeard(site, first.session.id).filter((text) => text.includes('[[say early]]'));
    expect(heard).toEqual([first.instruction.prompt]);
    expect(timesDelivered(await task.transcript(first), first)).toBe(1);
    expect(lifetimes.most).toBe(1);
    expect(processesOf(task)).toEqual([]);
    // A kill between a tool's call and its first deed costs the deed, one between deed and transcript repeats it: that a
    // call was cut off, the CLI tells Claude, who looks.
    expect(effectsOf(task)).toBeLessThanOrEqual(1 + KILLS);
  },
);

async function killedAtRandom(
  site: Site,
  request: AttemptRequest,
  random: () => number,
): Promise<AttemptReport | undefined> {
  const attempt = drive(site, request);
  const [afterMs, victim] = [random() * KILLED_WITHIN_MS, random()];
  await Promise.race([new Promise((resolve) => setTimeout(resolve, afterMs)), attempt.ended]);
  const cli = cliOf(request);
  if (victim < 0.2) attempt.signal('SIGTERM');
  else if (victim < 0.7) attempt.signal('SIGKILL');
  if (victim > 0.5 && cli !== undefined) killIfThere(cli.pid);
  return attempt.ended;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It came to its end by itself.
  }
}

const effectsOf = ({ workspace }: TaskOnSite): number =>
  existsSync(join(workspace, 'effects')) ? readFileSync(join(workspace, 'effects'), 'utf8').split('\n').length - 1 : 0;
