// One `checkout`: finds the moment, puts its files where they were asked for, places its conversation, and says the line
// with which plain `claude` goes on.
import { resolve } from 'node:path';
import type { Config } from '../../config.js';
import { checkoutBranch, checkoutInto } from '../../context/checkout.js';
import { shownPath } from '../../context/compare/shown.js';
import type { MomentAt } from '../../context/moment.js';
import type { Store } from '../../context/store/store.js';
import type { CommonOptions } from '../base-program.js';
import { shellWord } from '../invocation.js';
import { type Output, openOutput } from '../output.js';
import { plainText } from '../plain-text.js';
import { labelsOf } from './ask-task.js';
import { findMoment } from './find-moment.js';
import { mustHoldSession, type PlacedSession, placeSession } from './place-session.js';
import { momentsOf } from './task-moments.js';
import { sayMoment } from './words.js';

export type Where = { dir: string } | { branch: string; repo: string };
export type CheckOut = { taskId: string; moment: string; where: Where; withSession: boolean };

export async function checkOut(asked: CheckOut, settings: Config, options: CommonOptions): Promise<void> {
  const out = openOutput(options);
  const { taskId, moment: name } = asked;
  // The directory in which git runs is another one.
  const where =
    'dir' in asked.where ? { dir: resolve(asked.where.dir) } : { ...asked.where, repo: resolve(asked.where.repo) };
  const of = await momentsOf(settings, taskId, [name]);
  const found = await findMoment(of, name, 'moment', () => labelsOf(settings, taskId));
  if (asked.withSession) mustHoldSession(found);
  const put = await putFiles(of.store, found, where);
  const place = 'dir' in where ? where.dir : where.repo;
  const session = asked.withSession ? await placeSession(of.store, found, place) : undefined;
  say(out, found, { ...put, where, place, session });
}

type Put = { lacks: string[]; commit?: string };

function putFiles(store: Store, { id }: MomentAt, where: Where): Promise<Put> {
  return 'dir' in where ? checkoutInto(store, id, where.dir) : checkoutBranch(store, id, where.repo, where.branch);
}

const LISTED = 10;

type Done = Put & { where: Where; place: string; session: PlacedSession | undefined };

function say(out: Output, found: MomentAt, { where, place, lacks, commit, session }: Done): void {
  const line = session === undefined ? undefined : resumeLine(where, place, session.sessionId);
  const what = 'dir' in where ? place : `branch ${where.branch} of ${place}, commit ${commit?.slice(0, 10) ?? ''}`;
  out.note(`the files of ${sayMoment(found)}: ${plainText(what)}`);
  for (const lack of lacks) out.note(out.notePaint.yellow(`! lacks: ${plainText(lack)}`));
  const { withheld } = found.moment;
  if (withheld.length > 0)
    out.note(
      `left out on purpose, as secrets: ${withheld
        .slice(0, LISTED)
        .map((path) => shownPath(path))
        .join(', ')}${withheld.length > LISTED ? ', …' : ''}`,
    );
  if (line !== undefined) out.note('the conversation goes on without taskrun by:');
  out.result(line ?? ('dir' in where ? plainText(place) : (commit ?? '')), {
    checkpoint: found.id,
    ...('dir' in where ? { dir: place } : { repo: place, branch: where.branch, commit }),
    lacks,
    withheld,
    ...(session === undefined ? {} : { session: { ...session, line } }),
  });
}

/** Works in any shell, and without anything of ours. */
function resumeLine(where: Where, place: string, sessionId: string): string {
  const change = 'branch' in where ? ` && git switch ${shellWord(where.branch)}` : '';
  return `cd ${shellWord(place)}${change} && claude --resume ${sessionId}`;
}
