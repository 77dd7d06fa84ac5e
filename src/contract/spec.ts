// What starts a task: one JSON object, only `prompt` is required. Public and fixed.
import { z } from 'zod';
import { duration } from './duration.js';
import { absolutePath, files, jsonDocument, later, momentName, onFileConflict, plain, prompt, text } from './fields.js';
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

const SOURCE = '{git, ref?}, {dir} (a copy of it) or {dir, inPlace: true}; left out: an empty workspace';
const GIT_URL = 'a git URL such as "https://example.com/app.git", or an absolute path on the worker\'s host';
const gitUrl = plain(2_000)
  .refine((value) => /^(https?|ssh|git|file):\/\/[^-\s]\S*$|^\w[\w.-]*@\w[\w.-]*:\S+$|^\/\S/.test(value), {
    error: GIT_URL,
  })
  .refine((value) => !/^https?:\/\/[^/\s]*@|^[a-z]+:\/\/[^/@\s]*:[^/@\s]*@/i.test(value), {
    error:
      "a git URL without a password or token: it would stand in the history; let git on the worker's host know it (credential helper, ssh key)",
  });
const GIT_REF = 'a branch, a tag or a commit';

/** Where the first workspace comes from. */
const source = section({
  git: gitUrl.optional().describe(GIT_URL),
  ref: plain(250)
    .refine((value) => /^[^-\s~^:?*[\\][^\s~^:?*[\\]*$/.test(value) && !value.includes('..'), { error: GIT_REF })
    .optional()
    .describe(`${GIT_REF}; default: the repository's own`),
  dir: absolutePath.optional().describe("a directory on the worker's host"),
  inPlace: z.boolean({ error: 'true or false' }).optional().describe('Claude works in `dir` itself, not in a copy'),
})
  .refine((value) => (value.git === undefined) !== (value.dir === undefined), { error: SOURCE })
  .refine((value) => value.ref === undefined || value.git !== undefined, { error: '`ref` with `git`' })
  .refine((value) => value.inPlace === undefined || value.dir !== undefined, { error: '`inPlace` with `dir`' });

const from = section({
  taskId: plain(BOUNDS.nameChars * 2).describe('a running or a closed task of the same store'),
  sessionId: text(100).optional().describe("default: the moment's own"),
  checkpoint: momentName.optional().describe("an id or a label; default: the task's newest"),
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
  onFileConflict: onFileConflict
    .optional()
    .describe(`default "${DEFAULTS.updateFiles}" for an update, "${DEFAULTS.resumeFiles}" for a resume`),
  priority: whole(1, 5).optional().describe('1 is served first; default 3'),
  close: oneOf(['when-done', 'when-asked'])
    .optional()
    .describe(`default ${DEFAULTS.close}: stays open for the next update`),
  from: from.optional(),
  setupCommand: plain(BOUNDS.commandChars)
    .optional()
    .describe('run by sh in the workspace whenever it is made on a host, such as "npm ci"'),
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
  .refine((spec) => spec.from === undefined || spec.source?.inPlace !== true, {
    error: '`from` without `source.inPlace`: a task that starts from a moment has a workspace of its own',
  })
  .refine(openFits, { error: `a prompt and files of at most ${BOUNDS.openBytes / 1024} KiB as JSON` });
export type TaskSpec = z.infer<typeof taskSpec>;
