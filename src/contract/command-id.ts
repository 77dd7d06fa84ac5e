// The identity of a command: from its payload, else from the Update's id, else a uuid of the workflow's.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { BOUNDS } from './limits.js';

const hashOf = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/** An Update's id as a command id: itself up to 64 characters, its SHA-256 in hex (64 characters) above. */
export const commandIdOfUpdate = (updateId: string): string =>
  updateId.length <= BOUNDS.idChars ? updateId : hashOf(updateId);

/** How an id is remembered: 5,000 of them are carried, so a long or odd one is kept by its hash (`#` starts no other). */
export const rememberedKey = (id: string): string =>
  /^[\w.:@/+=-]{1,36}$/.test(id) ? id : `#${hashOf(id).slice(0, 32)}`;

/** The `id` of a payload that may be anything; undefined where it holds no usable one. */
export function idOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, 'id')) return undefined;
  const { id } = payload as { id: unknown };
  return typeof id === 'string' && id !== '' && id.length <= BOUNDS.idChars ? id : undefined;
}
