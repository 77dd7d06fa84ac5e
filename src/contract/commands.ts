// The payload of each command, the same for its Signal and its Update. Public and fixed.
import { z } from 'zod';
import { files, label, later, momentName, newTaskId, onFileConflict, prompt, sessionId, text } from './fields.js';
import { BOUNDS } from './limits.js';
import type { CommandName } from './names.js';

const AN_OBJECT = 'one JSON object';
const payload = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(
    {
      id: text(BOUNDS.idChars).optional().describe('makes it one command: the same id again gets the first answer'),
      requestedBy: text(BOUNDS.nameChars).optional(),
      ...shape,
    },
    { error: (issue) => (issue.code === 'invalid_type' ? AN_OBJECT : undefined) },
  );

const A_PICK = 'a number from the list, as 2 or "2", a session id, "keep", "restore" or "merge"';
const WHEN = '"queue" (default) or "interrupt"';

export const commandPayloads = {
  update: payload({
    prompt,
    sessionId: sessionId.optional(),
    newSession: z.boolean({ error: 'true or false' }).optional(),
    files: files.optional(),
    when: z.enum(['queue', 'interrupt'], { error: WHEN }).optional().describe(WHEN),
    onFileConflict: onFileConflict.optional(),
  }).refine((value) => !(value.newSession === true && value.sessionId !== undefined), {
    error: 'either `sessionId` or `newSession: true`, not both',
  }),
  continue: payload({}),
  resume: payload({
    sessionId: sessionId.optional(),
    prompt: prompt.optional(),
    onFileConflict: onFileConflict.optional(),
    checkpoint: momentName.optional(),
  }),
  answer: payload({
    pick: z.union([z.int(), text(100)], { error: A_PICK }).describe(A_PICK),
    allow: later('`allow`'),
    reason: later('`reason`'),
    to: later('`to`'),
  }),
  stop: payload({ reason: text(BOUNDS.reasonChars).optional() }),
  drop: payload({ command: text(BOUNDS.idChars).describe('the id of the queued command to withdraw') }),
  fork: payload({
    prompt,
    sessionId: sessionId.optional(),
    checkpoint: momentName.optional(),
    taskId: newTaskId.optional().describe("the new task's id; default: made from this one's"),
    costUsd: later('`costUsd`'),
  }),
  mark: payload({ label }),
  finish: payload({ summary: text(BOUNDS.summaryChars).optional() }),
} as const satisfies Record<CommandName, z.ZodType>;

export type CommandPayload<N extends CommandName = CommandName> = z.infer<(typeof commandPayloads)[N]>;

/** One parsed command. */
export type Command = { [N in CommandName]: { name: N; payload: CommandPayload<N> } }[CommandName];

/** What an Update answers at acceptance; it never waits for an attempt. */
export const commandAnswer = z.strictObject({
  commandId: z.string(),
  instructionId: z.string().optional(),
  contextVersion: z.int(),
  position: z.int().nullable().describe('instructions ahead; 0 is next or working; null where nothing was queued'),
});
export type CommandAnswer = z.infer<typeof commandAnswer>;
