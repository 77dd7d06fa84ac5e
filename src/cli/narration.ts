// What happened to a task between two looks at it, in lines for people who follow it. Pure.
import type { AttemptView, Snapshot } from '../client.js';
import { excerpt } from '../contract/text.js';
import type { Paint } from './output.js';
import { count, dollars, shortFlags, spent } from './words.js';

/** `before` is undefined at the first look: what had ended by then is history, not news. */
export function newsBetween(before: Snapshot | undefined, after: Snapshot, paint: Paint): string[] {
  return [...attemptNews(before, after, paint), ...commandNews(before, after, paint)];
}

/** Worth a line where the workers are somebody else's. */
export function workerNews(before: Snapshot | undefined, after: Snapshot): string[] {
  const answered = before === undefined || before.view !== undefined;
  if (after.status === 'RUNNING' && after.view === undefined && answered)
    return ['No worker answers; the task waits for one.'];
  return !answered && after.view !== undefined ? ['A worker answers.'] : [];
}

function attemptNews(before: Snapshot | undefined, { view }: Snapshot, paint: Paint): string[] {
  if (before === undefined || view === undefined) return [];
  const ended = new Set(before.view?.attempts.filter((one) => one.outcome !== null).map((one) => one.number));
  return view.attempts
    .filter((attempt) => attempt.outcome !== null && !ended.has(attempt.number))
    .map((attempt) => attemptLine(attempt, paint));
}

const GOOD = ['done', 'ended', 'handedOver', 'asks'];

function attemptLine(attempt: AttemptView, paint: Paint): string {
  const { number, sent, outcome, turns, costUsd, problem, decided } = attempt;
  const mark =
    outcome === 'done' ? paint.green('✔') : GOOD.includes(outcome ?? '') ? paint.yellow('■') : paint.red('✗');
  const facts = [
    `attempt ${number}`,
    ...(sent === '' ? ['nothing launched'] : [shortFlags(sent)]),
    outcome ?? '',
    count(turns, 'turn'),
    dollars(costUsd),
    spent(attempt.startedAt, attempt.endedAt ?? Date.now()),
  ];
  const why = problem === undefined ? '' : `\n  ${excerpt(problem.says, 300)}`;
  const next =
    decided === undefined || decided === 'none'
      ? ''
      : `\n  then: ${decided}${attempt.decidedWhy === undefined ? '' : ` (${excerpt(attempt.decidedWhy, 120)})`}`;
  return `${mark} ${facts.join(' · ')}${why}${next}`;
}

function commandNews(before: Snapshot | undefined, { view }: Snapshot, paint: Paint): string[] {
  if (before === undefined || view === undefined) return [];
  const known = new Set(before.view?.commands.map(({ id }) => id));
  return view.commands
    .filter(({ id }) => !known.has(id))
    .map(({ name, by, state, why }) => {
      const who = by === undefined ? '' : ` by ${excerpt(by, 40)}`;
      const because = why === undefined ? '' : `: ${excerpt(why, 160)}`;
      return `${state === 'refused' ? paint.red('✗') : '▸'} ${excerpt(name, 40)}${who} ${state}${because}`;
    });
}

/** A wait that began; one that ends the following is better told by whoever follows, with what to do. */
export function waitNews(before: Snapshot | undefined, { view }: Snapshot, paint: Paint): string[] {
  const waiting = view?.waiting;
  if (before === undefined || waiting === undefined || before.view?.waiting?.says === waiting.says) return [];
  // What a timed wait says, the attempt before it has said already.
  const says = waiting.until === undefined ? excerpt(waiting.says, 400) : `goes on at ${waiting.until}`;
  return [`${paint.yellow('…')} waits for: ${waiting.for}. ${says}`];
}
