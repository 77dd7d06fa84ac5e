// The invariants of a task, checked after every event against the books of the world that fed it.
import { expect } from 'vitest';
import { decide } from '../../../../src/domain/task/commands/decide.js';
import type { CommandEvent, TaskEvent } from '../../../../src/domain/task/events.js';
import type { Step } from '../../../../src/domain/task/next-step.js';
import { rememberedAnswer } from '../../../../src/domain/task/records.js';
import { sessionOf, type TaskState } from '../../../../src/domain/task/state.js';
import { checkEffectStep, checkMoments } from './check-moments.js';
import { must, same } from './must.js';
import { expectPlain } from './plain.js';
import type { World } from './world.js';

const openIds = (state: TaskState): string[] => [
  ...state.queue.map(({ id }) => id),
  ...(state.question?.instruction === undefined ? [] : [state.question.instruction.id]),
];

/** Right before a step is performed. */
export function checkStep(world: World, step: Step): void {
  const { state } = world;
  if (step.do === 'launch') {
    const [head] = state.queue;
    must(state.current === undefined, 'a second attempt at once');
    must(state.hold === undefined && state.closing === undefined, 'a launch though the task is held or closing');
    must(head !== undefined && sessionOf(state, head.sessionId) !== undefined, 'a launch of nothing, or in no session');
  }
  if (step.do === 'end') must(state.current?.id === step.attemptId, 'an end of an attempt that does not work');
  if (step.do === 'close') must(state.current === undefined, 'a close while an attempt works');
  if (step.do === 'close' && state.closing === undefined)
    must(openIds(state).length === 0 && state.hold === undefined, 'a task closes by itself with work open');
  checkEffectStep(world, step);
  if (step.do === 'continueAsNew') must(state.current === undefined, 'a new run while an attempt works');
}

export function checkAfter(world: World, before: TaskState, event: TaskEvent): void {
  const after = world.state;
  expectPlain(after);
  checkVersion(before, event, after);
  checkSessions(before, after);
  checkAttempts(world, before, event);
  if (event.type === 'command') checkCommand(world, before, event);
  if (event.type === 'refused') checkRefused(before, after);
  checkPromises(world, before, event);
  checkOrder(world);
  checkRecords(world);
  checkHold(after);
  checkMoments(world, before, event);
  for (const [id, answer] of world.answers)
    must(same(rememberedAnswer(after, id), answer), `the answer to ${id} has changed`);
}

const isTold = ({ command }: CommandEvent): boolean =>
  command.name === 'update' || (command.name === 'resume' && command.payload.prompt !== undefined);

const isAccepted = (before: TaskState, event: CommandEvent, after: TaskState): boolean =>
  rememberedAnswer(before, event.commandId) === undefined && rememberedAnswer(after, event.commandId) !== undefined;

function checkVersion(before: TaskState, event: TaskEvent, after: TaskState): void {
  const told = event.type === 'command' && isTold(event) && isAccepted(before, event, after);
  must(after.contextVersion - before.contextVersion === (told ? 1 : 0), 'the context version moved wrongly');
}

function checkSessions(before: TaskState, after: TaskState): void {
  const was = before.sessions.map(({ id, number }) => [id, number]);
  must(
    same(
      after.sessions.slice(0, was.length).map(({ id, number }) => [id, number]),
      was,
    ),
    'a session is gone',
  );
  must(new Set(after.sessions.map(({ number }) => number)).size === after.sessions.length, 'a number was used again');
  must(sessionOf(after, after.activeSessionId) !== undefined, 'the active session does not exist');
}

function checkAttempts(world: World, before: TaskState, event: TaskEvent): void {
  const after = world.state;
  must(after.attemptsTotal === world.launches, `${after.attemptsTotal} attempts counted, ${world.launches} launched`);
  if (event.type === 'launched') {
    const [head] = after.queue;
    must(after.current?.id === event.attemptId && after.current.instructionId === head?.id, 'launched something else');
    must(head !== undefined && head.contextVersion === after.current?.contextVersion, 'a wrong context version');
  }
  if (event.type === 'report') {
    if (event.report.attemptId !== before.current?.id) must(same(before, after), 'a stale report changed the task');
    else
      must(
        after.current === undefined && after.attempts.at(-1)?.id === event.report.attemptId,
        'a report without effect',
      );
  } else if (event.type !== 'launched')
    must(after.current?.id === before.current?.id, 'an attempt came or went by itself');
}

function checkCommand(world: World, before: TaskState, event: CommandEvent): void {
  const after = world.state;
  if (before.closed !== undefined) return must(after === before, 'a closed task changed');
  if (rememberedAnswer(before, event.commandId) !== undefined)
    return must(same(before, after), 'one command had two effects');
  const verdict = decide(before, event);
  must(same(verdict, decide(before, event)), 'the same question got two answers');
  must((verdict.refused === undefined) === isAccepted(before, event, after), 'validator and handler disagree');
  if (verdict.refused !== undefined) {
    must(verdict.refused.startsWith(event.command.name), `a refusal that does not say of what: ${verdict.refused}`);
    return checkRefused(before, after);
  }
  const answer = rememberedAnswer(after, event.commandId);
  const at = after.queue.findIndex(({ id }) => id === answer?.instructionId);
  const asked = after.question?.instruction?.id === answer?.instructionId;
  const position = answer?.instructionId === undefined ? null : at >= 0 ? at : after.queue.length;
  must(answer?.instructionId === undefined || at >= 0 || asked, 'accepted, and not open');
  must(answer?.position === position, `position ${answer?.position} and not ${position}`);
  must(answer?.contextVersion === after.contextVersion, 'an answer of another context version');
  must((answer?.instructionId !== undefined) === isTold(event), 'an instruction that was not told, or none that was');
}

/** Nothing but the record and the counts. */
function checkRefused(before: TaskState, after: TaskState): void {
  const { commands: _b, commandsTotal: _bt, refusedTotal: wasRefused, ...was } = before;
  const { commands: _a, commandsTotal: _at, refusedTotal: isRefused, ...is } = after;
  must(same(was, is), 'a refused command left a trace');
  must(isRefused === wasRefused + (before.closed === undefined ? 1 : 0), 'a refusal is not counted');
}

/** Every accepted instruction is open, or done once, or dropped for a reason that it can be dropped for. */
function checkPromises(world: World, before: TaskState, event: TaskEvent): void {
  const after = world.state;
  if (event.type === 'command' && isAccepted(before, event, after)) {
    const id = rememberedAnswer(after, event.commandId)?.instructionId;
    if (id !== undefined) world.promised.set(id, { commandId: event.commandId, delivered: false, fate: 'open' });
  }
  const reported =
    event.type === 'report' && event.report.attemptId === before.current?.id ? before.current : undefined;
  const delivered = event.type === 'report' && reported !== undefined && event.report.delivered;
  const open = openIds(after);
  must(new Set(open).size === open.length, 'an instruction stands twice');
  for (const id of open) must(world.promised.get(id)?.fate === 'open', `${id} is open again, or was never accepted`);
  for (const [id, promise] of world.promised) {
    if (id === reported?.instructionId && delivered) promise.delivered = true;
    if (promise.fate !== 'open' || open.includes(id)) continue;
    const done = event.type === 'report' && id === reported?.instructionId && event.report.outcome === 'done';
    promise.fate = done ? 'done' : 'dropped';
    if (done) must(after.result?.instructionId === id, 'done without its result');
    else must(mayBeDropped(promise.commandId, id, world, before, event), `${id} is lost`);
  }
}

function mayBeDropped(commandId: string, id: string, world: World, before: TaskState, event: TaskEvent): boolean {
  if (event.type === 'closed') return true;
  if (event.type === 'command' && event.command.name === 'drop') return event.command.payload.command === commandId;
  const was = before.queue.find((open) => open.id === id);
  const instead = world.state.queue.filter((open) => open.interrupts);
  if (was === undefined || instead.length === 0) return false;
  if (isAskedAbout(id, before) && sessionOf(before, was.sessionId)?.broken !== undefined) return true;
  return world.promised.get(id)?.delivered === true && instead.some((open) => open.sessionId === was.sessionId);
}

const isAskedAbout = (id: string, { hold }: TaskState): boolean =>
  hold?.kind === 'operator' && hold.instructionId === id;

/** Delivered, unfinished work never stands behind what interrupted it; the rest of a session keeps its order. */
function checkOrder({ state }: World): void {
  for (const [at, open] of state.queue.entries()) {
    const ahead = state.queue.slice(0, at).filter(({ sessionId }) => sessionId === open.sessionId);
    if (open.delivered && open.id !== state.current?.instructionId)
      must(
        !ahead.some(({ interrupts }) => interrupts),
        `${open.commandId} would be worked again after what replaced it`,
      );
    if (open.interrupts) continue;
    const later = ahead.filter((other) => !other.interrupts && other.via !== 'resume' && open.via !== 'resume');
    must(!later.some(({ contextVersion }) => contextVersion > open.contextVersion), 'a session worked out of order');
  }
}

/** What `commands` says of an instruction is what became of it. */
function checkRecords({ state, promised }: World): void {
  for (const [id, { commandId, fate }] of promised) {
    const record = state.commands.find((known) => known.id === commandId);
    if (record === undefined) continue;
    const open = state.current?.instructionId === id ? 'working' : 'queued';
    must(record.state === (fate === 'open' ? open : fate), `${commandId} is ${fate} and listed as ${record.state}`);
    if (fate === 'dropped') must((record.why ?? '') !== '', `${commandId} was dropped without a word`);
  }
}

/** A wait is about work that is open; only a stop may stand beside an attempt. */
function checkHold(state: TaskState): void {
  const { hold } = state;
  if (hold === undefined || hold.kind === 'stopped') return;
  expect(state.queue.some(({ id }) => id === hold.instructionId)).toBe(true);
  must(state.current === undefined, 'a wait while an attempt works');
}
