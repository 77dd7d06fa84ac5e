// The small field schemas that spec and commands share. Each error text says what is allowed; parse.ts adds
// the field's path and what came.
import { z } from 'zod';
import { BOUNDS } from './limits.js';
import { jsonBytes, utf8Bytes } from './text.js';

/** A field of the contract that this version does not serve yet: refused by name, never ignored. */
export const later = (what: string) => z.never({ error: `left out: ${what} is not built in this version` }).optional();

export const text = (chars: number) => {
  const allowed = `a string of 1 to ${chars} characters`;
  return z.string({ error: allowed }).min(1, { error: allowed }).max(chars, { error: allowed });
};

const PROMPT = `a non-empty string of at most ${BOUNDS.promptBytes / 1024} KiB`;
export const prompt = z
  .string({ error: PROMPT })
  .refine((value) => value.trim() !== '' && utf8Bytes(value) <= BOUNDS.promptBytes, { error: PROMPT })
  .describe(PROMPT);

/** Reaches argv or a path, where a NUL byte is impossible. */
export const plain = (chars: number) =>
  text(chars).refine((value) => !value.includes('\0'), { error: 'a string without NUL bytes' });

export const absolutePath = plain(4_096).refine((value) => value.startsWith('/'), {
  error: 'an absolute path on the worker\'s host, such as "/srv/repo"',
});

export const sessionId = text(100).describe('the id of a session of this task, as `sessions` lists it');

const TASK_ID = `a string of at most ${BOUNDS.taskIdBytes} bytes without control characters`;
/** A workflow id that the server takes. */
export const newTaskId = text(BOUNDS.nameChars).refine(
  (value) => utf8Bytes(value) <= BOUNDS.taskIdBytes && !/[\p{Cc}\p{Cs}]/u.test(value),
  { error: TASK_ID },
);

const MOMENT =
  'a checkpoint (40 hexadecimal digits, or at least 7 of one that the task lists) or the label of a milestone';
/** Names a moment of a task: a checkpoint's id or a milestone's label. */
export const momentName = text(BOUNDS.labelChars).describe(MOMENT);

const LABEL = `1 to ${BOUNDS.labelChars} letters, digits, spaces and . _ - / + : # @, beginning with a letter or digit, and no checkpoint's id`;
/** What a milestone is called. */
export const label = text(BOUNDS.labelChars).refine(
  (value) =>
    /^[\p{L}\p{N}][\p{L}\p{N} ._/+:#@-]*$/u.test(value) && !/^[0-9a-f]{7,40}$/.test(value) && value.trim() === value,
  { error: LABEL },
);

const FILE_CONFLICT = '"keep", "restore", "merge" or "ask"';
/** What becomes of today's files where they differ from those of the moment that is picked up. */
export const onFileConflict = z
  .enum(['keep', 'restore', 'merge', 'ask'], { error: FILE_CONFLICT })
  .describe(`${FILE_CONFLICT}: today's files stay, give way, are merged, or the task asks`);
export type OnFileConflict = z.infer<typeof onFileConflict>;

/** JSON given as an object, as its text, or as a path on the worker's host. */
export const jsonDocument = z.union([plain(16_384), z.record(z.string(), z.json())], {
  error: "an object, its JSON text, or a path on the worker's host",
});

const FILE_NAME = 'a relative path inside .taskrun/ without "..", such as "brief.md"';
const fileName = plain(255).refine(
  (name) => !name.startsWith('/') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
  { error: FILE_NAME },
);
const CONTENT = `a string of at most ${BOUNDS.fileBytes / 1024} KiB`;

/** Task documents, written under `.taskrun/` in the workspace before their instruction goes out. */
export const files = z
  .array(
    z.strictObject({
      name: fileName,
      content: z.string({ error: CONTENT }).refine((value) => utf8Bytes(value) <= BOUNDS.fileBytes, { error: CONTENT }),
    }),
    { error: 'a list of {name, content}' },
  )
  .max(BOUNDS.files, { error: `at most ${BOUNDS.files} files` })
  .refine((list) => new Set(list.map((file) => file.name)).size === list.length, { error: 'files with distinct names' })
  .refine((list) => jsonBytes(list) <= BOUNDS.openBytes / 2, {
    error: `files of at most ${BOUNDS.openBytes / 2048} KiB in all`,
  });
export type TaskFile = z.infer<typeof files>[number];
