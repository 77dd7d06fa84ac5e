// `--files`: what becomes of today's files where they differ from those of the moment that is picked up.
import { Option } from '@commander-js/extra-typings';
import { type OnFileConflict, onFileConflict } from '../contract/fields.js';
import { badInput } from './failure.js';

export const filesOption = (whenDefault: string): Option =>
  new Option(
    '--files <what>',
    `where today's files differ from those of the moment: keep, restore, merge or ask; default: ${whenDefault}`,
  );

/** As the member of a payload. @throws CliFailure of exit code 2 */
export function filesFrom(given: string | undefined): { onFileConflict?: OnFileConflict } {
  if (given === undefined) return {};
  const parsed = onFileConflict.safeParse(given);
  if (parsed.success) return { onFileConflict: parsed.data };
  throw badInput(`--files: got ${JSON.stringify(given)}; allowed: keep, restore, merge or ask`);
}
