// The graph of a task's moments for people: newest first, the line at the left, what lies beside it set in. Pure.
import type { TaskView } from '../../client.js';
import type { LoggedMoment } from '../../context/graph.js';
import { excerpt } from '../../contract/text.js';
import type { Paint } from '../output.js';
import { ago, count } from '../words.js';
import { type Line, lineOf, livesOf, placeOf } from './line.js';
import type { TaskMoments } from './task-moments.js';
import { type Told, tellsOf } from './told.js';
import { shortId } from './words.js';

/** Both hold plain text alone (plain-text.ts). */
export function graphText(
  { taskId, store, moments }: Pick<TaskMoments, 'taskId' | 'store' | 'moments'>,
  view: TaskView | undefined,
  paint: Paint,
  nowMs = Date.now(),
): string {
  const warning = view?.noSafetyNet;
  const lives = livesOf(moments).map((life, n) => {
    const line = lineOf(life, n === 0 ? view : undefined);
    const texts = life.toReversed().map((one) => momentText(one, line, tellsOf(one, view), paint, nowMs));
    return [...(n === 0 ? [] : [paint.dim('An earlier task of this id:')]), ...texts].join('\n');
  });
  return [
    `${paint.bold(taskId)}  ${count(moments.length, 'moment')} in ${store.shown}`,
    ...(warning === undefined ? [] : [paint.yellow(`! The newest work has no checkpoint: ${warning}`)]),
    ...(lives.length === 0 ? ['no moments yet: the first is kept when an attempt ends'] : [lives.join('\n\n')]),
  ].join('\n');
}

const GLYPHS = { line: '●', side: '│ ○', milestone: '◆' } as const;

function momentText(one: LoggedMoment, line: Line, told: Told, paint: Paint, nowMs: number): string {
  const where = placeOf(one, line);
  const margin = where === 'side' ? '│     ' : '│   ';
  const tags = [
    ...(one.id === line.head ? ['head'] : []),
    ...(where === 'side' ? ['side'] : []),
    ...labelsOf(one, told),
  ];
  const first = [
    `${GLYPHS[where]} ${paint.yellow(shortId(one.id))}`,
    factsOf(one, told, nowMs).join(' · '),
    ...(tags.length === 0 ? [] : [paint.cyan(`[${tags.join(', ')}]`)]),
  ].join('  ');
  return [first, ...notesOf(one, told).map((note) => paint.dim(`${margin}${note}`))].join('\n');
}

function factsOf({ moment }: LoggedMoment, { attempt, session, by }: Told, nowMs: number): string[] {
  const id = moment.sessionId.slice(0, 8);
  return [
    `attempt ${moment.attempt.number}`,
    session === undefined ? `session ${id}` : `session ${session.number} (${id})`,
    ...(attempt === undefined ? [] : [attempt.outcome ?? 'at work']),
    ago(moment.at, nowMs),
    excerpt(moment.host, 40),
    ...(by === undefined ? [] : [`by ${excerpt(by, 20)}`]),
  ];
}

const HASH = /^[0-9a-f]{20}$/;

/** The store knows a label by its hash alone: without the task it is just a milestone. */
function labelsOf({ refs }: LoggedMoment, { milestones }: Told): string[] {
  return refs
    .filter((ref) => ref.startsWith('milestone '))
    .map((ref) => ref.slice('milestone '.length))
    .map((label) => {
      if (HASH.test(label)) return 'milestone';
      const by = milestones.find((one) => one.label === label)?.by;
      return `milestone ${label}${by === undefined ? '' : ` by ${excerpt(by, 20)}`}`;
    });
}

const ASKED_CHARS = 80;

function notesOf({ moment }: LoggedMoment, { asked }: Told): string[] {
  const { lacks, during, filesFrom, previous } = moment;
  const others = filesFrom.filter((id) => id !== previous);
  return [
    ...(asked === undefined || asked === '' ? [] : [`"${excerpt(asked, ASKED_CHARS)}"`]),
    ...(others.length === 0
      ? []
      : [`${filesFrom.length > 1 ? 'merged with' : 'files of'} ${others.map(shortId).join(', ')}`]),
    ...(during ? ['taken while the attempt worked'] : []),
    ...lacks.map((lack) => `lacks: ${excerpt(lack, 160)}`),
  ];
}
