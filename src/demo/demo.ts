// The demo: one task that is killed in the middle, comes back by itself, takes an update to the first of two
// sessions, and finishes. Everything is real but the model: that is a script, so no account is needed.
import type { Snapshot, TaskHandle, TaskView } from '../client.js';
import { type Narrator, narrator } from './narrator.js';
import { Stage, StageError } from './stage.js';

export type DemoOptions = { json: boolean };

const FIRST =
  'Plan the garden shed. [[tool Bash {"command":"echo measured >> shed.txt"}]] [[sleep 90s]] [[say The plan: 2 x 3 m, a pent roof, larch.]]';
const SECOND = 'A separate matter: name the cat. [[say The cat shall be called Temporal.]]';
const FOLLOW_UP = 'Back to the shed: what was I told so far? [[recall]]';
const STEP_MS = 100_000;

/** @returns the exit code: 0 when everything that was claimed was seen */
export async function runDemo({ json }: DemoOptions): Promise<number> {
  const say = narrator({ json, colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' });
  say.step('A Temporal server, a worker and Claude Code of our own');
  let stage: Stage | undefined;
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    stage = await Stage.open((line) => say.tell(line));
    await tellStory(stage, say, interrupted.signal);
    return say.failed === 0 ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) process.stderr.write('Interrupted; the demo cleans up after itself.\n');
    else process.stderr.write(`${error instanceof StageError ? error.message : `The demo failed: ${String(error)}`}\n`);
    return 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await stage?.close();
  }
}

async function tellStory(stage: Stage, say: Narrator, signal: AbortSignal): Promise<void> {
  await stage.startWorker();
  say.tell(`Temporal at ${stage.server.address}; its UI: ${stage.server.uiUrl ?? 'off'}`);
  say.tell(
    `Claude Code ${stage.claude.version}; the Messages API is a script on loopback, driven by the [[…]] in the prompts`,
  );

  say.step('Start a task');
  const task = await stage.client.start(
    { prompt: FIRST, title: 'the garden shed', requestedBy: 'demo', claude: { allowedTools: ['Bash'] } },
    { taskId: 'demo-shed' },
  );
  say.tell(FIRST);
  await until(
    task,
    'Claude is in mid-turn',
    (seen) =>
      seen.attempt?.progress?.delivered === true &&
      seen.attempt.progress.turns > 0 &&
      seen.attempt.progress.tool === undefined,
    signal,
  );

  say.step('Kill the worker in mid-turn (SIGKILL), start another');
  await stage.killWorker();
  await stage.startWorker();
  say.tell('the server misses the heartbeats of the old one for 20 s before it calls the attempt lost …');
  const back = await idle(task, 2, signal);
  const [lost, again] = back.attempts;
  say.proof('attempt 1', lost?.outcome === 'lost', `${lost?.sent} → ${lost?.outcome}`);
  say.proof(
    'attempt 2 came by itself and went on',
    again?.sent === '--continue' && again.outcome === 'done',
    `${again?.sent} → ${again?.outcome}: ${back.result?.text}`,
  );
  say.proof(
    'the instruction was said once',
    timesSaid(stage, FIRST) === 1,
    `${timesSaid(stage, FIRST)} time in the conversation that reached the API`,
  );

  say.step('Open a second session in the same task');
  await task.send('update', { prompt: SECOND, newSession: true });
  const two = await idle(task, 3, signal);
  say.proof(
    'two conversations',
    two.sessions.length === 2,
    two.sessions.map((session) => `session ${session.number} (${session.attempts} attempts)`).join(', '),
  );

  say.step('Update the first session by its id');
  const [first] = two.sessions;
  await task.send('update', { prompt: FOLLOW_UP, sessionId: first?.sessionId ?? '' });
  const told = await idle(task, 4, signal);
  const last = told.attempts.at(-1);
  say.proof('resumed by its id', last?.sent === `--resume=${first?.sessionId}`, `${last?.sent} → ${last?.outcome}`);
  const recalled = told.result?.text ?? '';
  say.proof(
    "with its context, and without the other session's",
    recalled.includes('garden shed') && !recalled.includes('cat'),
    recalled.slice(0, 120),
  );

  say.step('Finish');
  await task.send('finish', { summary: 'a shed and a cat' });
  const result = await task.result();
  say.proof('the workflow returned', result.summary === 'a shed and a cat', JSON.stringify(result).slice(0, 120));

  say.step('For real');
  say.tell('npx taskrun doctor                       what is there and what is missing, each with its remedy');
  say.tell('npx taskrun run "what you want done"     the same path with your own Claude account, here and now');
  say.tell('npx taskrun dev                          server, UI and worker until Ctrl-C; then start, show, update, …');
}

/** The newest view once `attempts` attempts were made and nothing is left to do. */
async function idle(task: TaskHandle, attempts: number, signal: AbortSignal): Promise<TaskView> {
  const seen = await until(
    task,
    `attempt ${attempts} is done`,
    ({ view }) => view?.phase === 'idle' && view.attemptsTotal >= attempts,
    signal,
  );
  if (seen.view === undefined) throw new StageError('no worker answered');
  return seen.view;
}

async function until(
  task: TaskHandle,
  what: string,
  holds: (seen: Snapshot) => boolean,
  signal: AbortSignal,
): Promise<Snapshot> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(STEP_MS)]);
  for await (const seen of task.follow({ everyMs: 250, signal: enough })) if (holds(seen)) return seen;
  throw new StageError(`The demo waited in vain for this: ${what}.`);
}

/** How often the instruction stands in the fullest conversation that reached the API. */
function timesSaid(stage: Stage, prompt: string): number {
  const conversations = stage.api.requests.filter(
    (request) => !request.side && request.userTexts.some((text) => text.includes(prompt)),
  );
  return Math.max(
    0,
    ...conversations.map((request) => request.userTexts.filter((text) => text.includes(prompt)).length),
  );
}
