// `taskrun sessions`: the Claude conversations of a task. With no worker up, their ids as far as the server knows them.
import { NoWorkerError } from '../client/errors.js';
import { describeExecution } from '../client/execution.js';
import type { SessionView } from '../client.js';
import type { CommonOptions, Program } from './base-program.js';
import { type Connected, withClient } from './connect.js';
import { exitCodes, lesson } from './help.js';
import { commandLine } from './invocation.js';
import { openOutput } from './output.js';
import { plain } from './plain-text.js';
import { sessionTable } from './session-text.js';

export function registerSessions(program: Program): void {
  program
    .command('sessions')
    .summary('list the Claude sessions of a task')
    .description(
      'Lists the sessions of a task, the newest last: number, id, when and by whom, what was asked and said, cost.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .addHelpText(
      'after',
      lesson({
        examples: [['taskrun sessions task-4c1…', '']],
        next: 'taskrun resume <task> <number> picks one up; taskrun update <task> "…" --session <number> tells it something.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, _, self) => sessions(taskId, self.optsWithGlobals()));
}

async function sessions(taskId: string, options: CommonOptions): Promise<void> {
  const out = openOutput(options);
  await withClient(options, async (connected) => {
    const found = await ask(connected, taskId);
    if (found !== undefined) return out.result(sessionTable(plain(found), out.paint), found);
    const ids = await idsKnownToServer(connected, taskId);
    out.result(
      ids.length === 0 ? 'no session is known to the server' : plain(ids).join('\n'),
      ids.map((sessionId) => ({ sessionId })),
    );
    out.note(`No worker answers: these ids are what the server itself knows. ${commandLine(options, 'worker')}`);
  });
}

async function ask({ client }: Connected, taskId: string): Promise<SessionView[] | undefined> {
  // A task that is not there is told at once, not after waiting for an answer.
  const { view } = await client.task(taskId).snapshot();
  if (view === undefined) return undefined;
  return client
    .task(taskId)
    .sessions()
    .catch((error: unknown) => {
      if (error instanceof NoWorkerError) return undefined;
      throw error;
    });
}

/** From the search attribute, where the namespace has it, and the heartbeat of an attempt under way. */
async function idsKnownToServer({ client }: Connected, taskId: string): Promise<string[]> {
  const { sessionIds: listed = [] } = await describeExecution(client.temporal, taskId);
  const { attempt } = await client.task(taskId).snapshot(1);
  return [...new Set([...listed, ...(attempt?.progress?.sessionId === undefined ? [] : [attempt.progress.sessionId])])];
}
