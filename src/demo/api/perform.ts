// Plays the steps ahead of a conversation into one reply: texts until a tool call or the script's end, obstacles on the
// way. The only memory is how often an obstacle stood in the way and when a limit resets, per conversation and step.
import { setTimeout as delay } from 'node:timers/promises';
import { assertNever } from '../../contract/assert-never.js';
import type { Happening } from './conversation.js';
import type { Step, Times } from './directives.js';
import { failure, limitReached } from './failures.js';
import type { Reply, Usage } from './reply.js';
import { bigText, type PlacedStep, recallText, toolUseId } from './script.js';

export type Outcome = { outcome: 'answered' | 'error' | 'dropped' | 'aborted'; status?: number };

/** Keys name a conversation, an instruction and a step; values are requests met, or a reset in Unix seconds. */
export type ObstacleMemory = Map<string, number>;

export interface Stage {
  conversation: string;
  happenings: Happening[];
  memory: ObstacleMemory;
  /** Aborts when the client leaves or the API closes. */
  signal: AbortSignal;
  unique: string;
  onStep: (step: Step) => void;
}

type Obstacle = Extract<Step, { times: Times }>;

const PING_MS = 1000;
/** A client that meets the end of the stream together with its last text may throw both away. */
const DROP_AFTER_MS = 250;

export async function perform(ahead: PlacedStep[], reply: Reply, stage: Stage): Promise<Outcome> {
  const usage = usageOf(ahead);
  for (const placed of ahead) {
    stage.onStep(placed.step);
    const ended = await take(placed, reply, usage, stage);
    if (stage.signal.aborted) return { outcome: 'aborted' };
    if (ended !== undefined) return ended;
  }
  reply.end('end_turn', usage);
  return { outcome: 'answered', status: 200 };
}

async function take(placed: PlacedStep, reply: Reply, usage: Usage, stage: Stage): Promise<Outcome | undefined> {
  const { step, index } = placed;
  if ('times' in step) return isInTheWay(step, index, stage) ? obstruct(step, index, reply, usage, stage) : undefined;
  switch (step.do) {
    case 'say':
      return speak(step.text, reply, usage);
    case 'recall':
      return speak(recallText(stage.happenings), reply, usage);
    case 'big':
      return speak(bigText(step.bytes), reply, usage);
    case 'tokens':
      return undefined;
    case 'tool':
      reply.begin(usage);
      reply.toolUse(toolUseId(index, stage.unique), step.name, step.input);
      reply.end('tool_use', usage);
      return { outcome: 'answered', status: 200 };
    case 'invalid':
      return refuse(reply, failure(400, step.says));
    default:
      return assertNever(step);
  }
}

async function speak(text: string, reply: Reply, usage: Usage): Promise<undefined> {
  reply.begin(usage);
  await reply.text(text);
}

async function obstruct(
  step: Obstacle,
  index: number,
  reply: Reply,
  usage: Usage,
  stage: Stage,
): Promise<Outcome | undefined> {
  switch (step.do) {
    case 'sleep':
      reply.begin(usage);
      return pause(step.ms, reply, stage.signal);
    case 'hang':
      return pause(Number.POSITIVE_INFINITY, undefined, stage.signal);
    case 'drop':
      reply.begin(usage);
      await pause(DROP_AFTER_MS, undefined, stage.signal);
      reply.drop();
      return { outcome: 'dropped' };
    case 'error':
      return refuse(reply, failure(step.status, step.message));
    case 'limit':
      return refuse(reply, limitReached(resetOf(step.seconds, index, stage), Date.now()));
    default:
      return assertNever(step);
  }
}

function refuse(reply: Reply, said: ReturnType<typeof failure>): Outcome {
  reply.fail(said);
  return { outcome: 'error', status: said.status };
}

/** Counted here, so that `x2` means the first two requests that come to this step. */
function isInTheWay(step: Obstacle, index: number, stage: Stage): boolean {
  if (step.do === 'limit' && step.times === 'untilNudged')
    return resetOf(step.seconds, index, stage) * 1000 > Date.now();
  if (typeof step.times !== 'number') return true;
  const key = `${stage.conversation}#${index}#met`;
  const met = stage.memory.get(key) ?? 0;
  stage.memory.set(key, met + 1);
  return met < step.times;
}

function resetOf(seconds: number, index: number, stage: Stage): number {
  const key = `${stage.conversation}#${index}#reset`;
  const reset = stage.memory.get(key) ?? Math.ceil(Date.now() / 1000 + seconds);
  stage.memory.set(key, reset);
  return reset;
}

async function pause(ms: number, pinged: Reply | undefined, signal: AbortSignal): Promise<undefined> {
  const end = Date.now() + ms;
  while (!signal.aborted && Date.now() < end) {
    await delay(Math.min(PING_MS, end - Date.now()), undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) pinged?.ping();
  }
}

function usageOf(ahead: PlacedStep[]): Usage {
  const end = ahead.findIndex(({ step }) => step.do === 'tool');
  const within = end < 0 ? ahead : ahead.slice(0, end);
  const asked = within.map(({ step }) => step).find((step) => step.do === 'tokens');
  return { inputTokens: asked?.input ?? 10, outputTokens: asked?.output ?? 10 };
}
