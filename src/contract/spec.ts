// What starts a task: one JSON object, only `prompt` is required. Public and fixed.
import { z } from 'zod';
import { duration } from './duration.js';
import { absolutePath, files, jsonDocument, later, plain, prompt, text } from './fields.js';
import { BOUNDS, DEFAULTS } from './limits.js';
import { jsonBytes } from './text.js';

const PERMISSION_MODES = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'manual', 'plan'] as const;
const toolList = z
  .array(plain(1_000), { error: 'a list of tool rules such as ["Bash(git *)", "Edit"]' })
  .max(200, { error: 'at most 200 tool rules' });

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `one of ${values.map((value) => `"${value}"`).join(', ')}` });
const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const AN_OBJECT = 'an object';
const section = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? AN_OBJECT : undefined) });

/** Options passed to the Claude CLI at every launch; a resume does not restore them by itself. */
export const claudeOptions = section({
  model: plain(200).optional(),
  permissionMode: oneOf(PERMISSION_MODES).optional().describe(`default ${DEFAULTS.permissionMode}`),
  allowedTools: toolList.optional(),
  disallowedTools: toolList.optional(),
  mcpConfig: jsonDocument.optional(),
  appendSystemPrompt: plain(32_768).optional(),
  settings: jsonDocument.optional(),
  maxTurns: whole(1, 100_000).optional(),
  addDirs: z
    .array(absolutePath, { error: 'a list of absolute paths' })
    .max(50, { error: 'at most 50 directories' })
    .optional(),
});
export type ClaudeOptions = z.infer<typeof claudeOptions>;

const source = section({
  dir: absolutePath.optional().describe("with inPlace: the directory on the worker's host in which Claude works"),
  inPlace: z.literal(true, { error: 'true: working on a copy of `dir` is not built in this version' }).optional(),
  git: later('`source.git`'),
  ref: later('`source.ref`'),
}).refine((value) => value.dir !== undefined && value.inPlace === true, {
  error:
    '{dir, inPlace: true}, or leave `source` out for an empty workspace; working on a copy of `dir` is not built in this version',
});

const limits = section({
  attemptTimeout: duration('1s', '30d').optional().describe(`one attempt; default "${DEFAULTS.attemptTimeout}"`),
  silenceTimeout: duration('1s', '7d')
    .optional()
    .describe(`no word from the CLI; default "${DEFAULTS.silenceTimeout}"`),
  attempts: whole(1, 1_000).optional().describe(`attempts per instruction; default ${DEFAULTS.attempts}`),
  closeAfterIdle: duration('1s', '3650d').optional().describe(`default "${DEFAULTS.closeAfterIdle}"`),
  costUsd: later('`limits.costUsd`'),
  expiresAfter: later('`limits.expiresAfter`'),
});

const fields = {
  prompt,
  title: text(BOUNDS.nameChars).optional(),
  service: text(BOUNDS.nameChars).optional(),
  requestedBy: text(BOUNDS.nameChars).optional().describe('a claim, not authentication'),
  source: source.optional().describe('default: an empty workspace'),
  files: files.optional(),
  claude: claudeOptions.optional(),
  limits: limits.optional(),
  onFileConflict: z
    .literal('keep', { error: '"keep": the other answers need checkpoints, not built in this version' })
    .optional(),
  priority: whole(1, 5).optional().describe('1 is served first; default 3'),
  close: oneOf(['when-done', 'when-asked'])
    .optional()
    .describe(`default ${DEFAULTS.close}: stays open for the next update`),
  from: later('`from`'),
  setupCommand: later('`setupCommand`'),
  acceptanceCommand: later('`acceptanceCommand`'),
  ask: later('`ask`'),
  deliver: later('`deliver`'),
  notify: later('`notify`'),
};

const openFits = ({ prompt: told, files: documents }: { prompt: string; files?: unknown }): boolean =>
  jsonBytes({ told, documents }) <= BOUNDS.openBytes;
const carriedSize = (spec: object): boolean => jsonBytes({ ...spec, prompt: '', files: [] }) <= BOUNDS.specBytes;

/** The start argument of the workflow `taskRun`. */
export const taskSpec = section(fields)
  .refine(carriedSize, { error: `a spec of at most ${BOUNDS.specBytes / 1024} KiB beside its prompt and files` })
  .refine(openFits, { error: `a prompt and files of at most ${BOUNDS.openBytes / 1024} KiB as JSON` });
export type TaskSpec = z.infer<typeof taskSpec>;
