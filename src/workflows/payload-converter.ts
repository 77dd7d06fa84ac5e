// Decodes payloads without ever throwing: an undecodable one becomes a marked value that the handlers refuse.
// Thrown inside the SDK's dispatch it would wedge the workflow task for good.
import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/encoding.js';
import { Undecodable } from './undecodable.js';

class TolerantPayloadConverter implements PayloadConverter {
  readonly #standard = new DefaultPayloadConverter();

  toPayload<T>(value: T): Payload {
    return value instanceof Undecodable ? value.payload : this.#standard.toPayload(value);
  }

  fromPayload<T>(payload: Payload): T {
    try {
      if (nestsTooDeep(payload.data)) throw new RangeError(`more than ${LEVELS} levels of lists and objects`);
      return this.#standard.fromPayload<T>(payload);
    } catch (error) {
      return new Undecodable(
        encodingOf(payload),
        payload.data?.length ?? 0,
        error instanceof Error ? error.message : 'unknown',
        payload,
      ) as T;
    }
  }
}

/** No state of ours nests like that; a megabyte of brackets takes the parser a second, and a dozen a workflow task's time. */
const LEVELS = 1_000;
const LARGE_BYTES = 64 * 1024;

/** Told from the bytes, strings skipped; text that is no JSON may count wrong and fails in the parser. */
function nestsTooDeep(data: Uint8Array | null | undefined): boolean {
  if (data == null || data.length < LARGE_BYTES) return false;
  let level = 0;
  let inString = false;
  for (let at = 0; at < data.length; at++) {
    const byte = data[at];
    if (byte === QUOTE) inString = !inString;
    else if (inString && byte === BACKSLASH) at += 1;
    else if (!inString && (byte === OPEN_LIST || byte === OPEN_OBJECT)) level += 1;
    else if (!inString && (byte === CLOSE_LIST || byte === CLOSE_OBJECT)) level -= 1;
    if (level > LEVELS) return true;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

function encodingOf(payload: Payload): string {
  const encoding = payload.metadata?.['encoding'];
  return encoding === undefined || encoding === null ? 'none' : decode(encoding).slice(0, 60);
}

/** Named by the SDK: the worker and the workflow bundle both load this module by its path. */
export const payloadConverter: PayloadConverter = new TolerantPayloadConverter();
