// Invariants of checkpoints, milestones and effects, asked after every event beside those of checks.ts.
import { attemptRequest } from '../../../../src/contract/attempt.js';
import { BOUNDS } from '../../../../src/contract/limits.js';
import type { TaskEvent } from '../../../../src/domain/task/events.js';
import type { Step } from '../../../../src/domain/task/next-step.js';
import { sessionOf, type TaskState } from '../../../../src/domain/task/state.js';
import { requestOf } from '../../../../src/workflows/attempt-request.js';
import { must, same } from './must.js';
import type { World } from './world.js';

export function checkEffectStep(world: World, step: Step): void {
  if (step.do === 'effect') {
    const { commandId } = step.effect;
    must(world.state.effects.includes(step.effect) && !step.effect.started, 'an effect of nobody, or a started one');
    must(!world.startedInRun.has(commandId), `${commandId} is started twice in one run`);
  }
  if (step.do === 'close' || step.do === 'continueAsNew')
    must(world.state.effects.length === 0, `${step.do} while an effect is under way`);
}

export function checkMoments(world: World, before: TaskState, event: TaskEvent): void {
  const after = world.state;
  checkEffects(world, before, event);
  checkMilestones(before, event, after);
  checkLine(before, event, after);
  checkFiles(before, event, after);
}

/** Each is there from its command's acceptance until it is settled; its command says which. */
function checkEffects({ underWay, state }: World, before: TaskState, event: TaskEvent): void {
  const ids = state.effects.map(({ commandId }) => commandId);
  must(new Set(ids).size === ids.length, 'a command has two effects');
  const settled = event.type === 'effectDone' ? event.commandId : undefined;
  const accepted = event.type === 'command' && (event.command.name === 'fork' || event.command.name === 'mark');
  for (const { commandId } of before.effects)
    must(ids.includes(commandId) || commandId === settled, `the effect of ${commandId} is lost`);
  for (const id of ids)
    must(accepted || before.effects.some(({ commandId }) => commandId === id), `an effect came by itself: ${id}`);
  must(settled === undefined || !ids.includes(settled), `${settled} is settled and still there`);
  for (const { commandId, started } of state.effects)
    must(started === underWay.has(commandId), `${commandId} is under way, or is not, against what the state says`);
  const fates = new Map(state.commands.map((record) => [record.id, record.state]));
  for (const id of ids)
    must((fates.get(id) ?? 'queued') === 'queued', `${id} is not settled and says ${fates.get(id)}`);
  if (settled !== undefined && event.type === 'effectDone')
    must(
      (fates.get(settled) ?? 'gone') === (event.refused === undefined ? 'done' : 'refused') || !fates.has(settled),
      `${settled} is settled and says ${fates.get(settled)}`,
    );
}

function checkMilestones(before: TaskState, event: TaskEvent, after: TaskState): void {
  const gone = before.milestones.filter((was) => !after.milestones.some((is) => same(is, was)));
  const came = after.milestones.filter((is) => !before.milestones.some((was) => same(is, was)));
  const refused =
    event.type === 'effectDone' && event.refused !== undefined
      ? before.effects.find(({ commandId }) => commandId === event.commandId)
      : undefined;
  const label = refused?.kind === 'mark' ? refused.label : undefined;
  must(
    gone.length === (label === undefined ? 0 : 1) && gone.every((one) => one.label === label),
    'a milestone is lost',
  );
  must(came.length === 0 || (event.type === 'command' && event.command.name === 'mark'), 'a milestone came by itself');
  const labels = after.milestones.map((one) => one.label);
  must(new Set(labels).size === labels.length, 'one label names two moments');
}

/** The newest checkpoint moves by the report of the attempt under way alone; who worked since is known. */
function checkLine(before: TaskState, event: TaskEvent, after: TaskState): void {
  const { head, since, unsaved } = after.line;
  must(since.length <= BOUNDS.attemptsSince, `${since.length} attempts since the newest checkpoint`);
  must(
    after.current === undefined || since.at(-1) === after.current.id,
    'the attempt at work is not among those since',
  );
  const report = event.type === 'report' && event.report.attemptId === before.current?.id ? event.report : undefined;
  const left = report?.checkpoint;
  must(same(head?.checkpoint, left ?? before.line.head?.checkpoint), 'the newest checkpoint moved by itself');
  if (left !== undefined) must(unsaved === undefined, 'a checkpoint, and no safety net all the same');
  const givenUp = event.type === 'command' && event.command.name === 'resume';
  if (before.line.unsaved !== undefined && report === undefined)
    must(unsaved !== undefined || givenUp, 'work without a safety net is forgotten');
  for (const was of before.sessions) {
    const is = sessionOf(after, was.id);
    must(same(is?.head, was.head) || (left !== undefined && is?.head === left), "a session's moment moved by itself");
    must(same(is?.forkOf?.checkpoint, was.forkOf?.checkpoint), 'a session began somewhere else');
  }
}

/** A question is about the work that is next; files are asked for until a launch, and never after it. */
function checkFiles(before: TaskState, event: TaskEvent, after: TaskState): void {
  const { hold } = after;
  if (hold?.kind === 'files') {
    must(hold.picks.length > 0, 'a question without answers');
    must(
      after.queue.some(({ id }) => id === hold.instructionId),
      'a question about nothing',
    );
  }
  if (event.type === 'launched' && after.current !== undefined && before.current === undefined)
    attemptRequest.strict().parse(requestOf(after, after.current));
  if (event.type !== 'report' || event.report.attemptId !== before.current?.id) return;
  const open = after.queue.find(({ id }) => id === before.current?.instructionId);
  const was = before.queue.find(({ id }) => id === before.current?.instructionId);
  if (event.report.sent !== '') must(open?.filesWanted === undefined, 'files are asked for again after a launch');
  else if (event.report.filesSettled !== true && open !== undefined)
    must(same(open.filesWanted, was?.filesWanted), 'the wanted files are forgotten');
}
