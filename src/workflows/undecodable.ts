// The mark of a payload that could not be decoded, and the words for payloads that are no JSON.
import type { Payload } from '@temporalio/common';

const ALLOWED = 'allowed: one JSON object (encoding "json/plain")';

export class Undecodable {
  constructor(
    readonly encoding: string,
    readonly bytes: number,
    readonly why: string,
    /** As it came: handed on (another's memo, at continue-as-new) it stays what it was. */
    readonly payload: Payload,
  ) {}

  get says(): string {
    return `a payload of ${this.bytes} bytes that can't be decoded (encoding ${JSON.stringify(this.encoding)}: ${this.why.slice(0, 120)}); ${ALLOWED}`;
  }
}

/** Decoded well, and still nothing that a spec or a command could be. */
export const sayBinary = ({ byteLength }: ArrayBufferView): string => `${byteLength} bytes of binary data; ${ALLOWED}`;
