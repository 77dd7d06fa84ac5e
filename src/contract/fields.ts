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
