// What a transcript says of one instruction: never delivered, delivered and unfinished, or finished. One pass in
// constant memory; changes nothing. The rule is that of 2.1.330, proven by test/claude/contract.test.ts.
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { errorCode } from '../host/system-error.js';
import { LineSplitter } from './lines.js';

export type Delivery = 'absent' | 'unfinished' | 'finished';

export interface DeliveryRead {
  delivery: Delivery;
  /** What Claude said last since the instruction, whole. */
  lastSaid?: string;
}

// A message may be 10 MB and more, and its line holds it twice escaped: skipping it would mean sending it again.
const LINE_CAP_BYTES = 128 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
const USER = Buffer.from('"type":"user"');
const ASSISTANT = Buffer.from('"type":"assistant"');
/** Stop reasons after which Claude meant to go on. */
const GOING_ON: readonly unknown[] = [null, undefined, 'tool_use', 'pause_turn'];

const conversationLine = z.object({
  type: z.enum(['user', 'assistant']),
  uuid: z.string().optional().catch(undefined),
  isSidechain: z.boolean().optional().catch(undefined),
  isCompactSummary: z.boolean().optional().catch(undefined),
  isApiErrorMessage: z.boolean().optional().catch(undefined),
  message: z
    .object({
      model: z.string().optional().catch(undefined),
      stop_reason: z.string().nullish().catch(undefined),
      content: z
        .array(z.object({ type: z.string(), text: z.string().optional() }))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type ConversationLine = z.output<typeof conversationLine>;

/** A transcript that does not exist delivered nothing. */
export async function readDelivery(path: string, uuid: string): Promise<DeliveryRead> {
  const wanted = Buffer.from(uuid);
  let read: DeliveryRead = { delivery: 'absent' };
  await someLine(path, (bytes) => {
    const concerns = read.delivery === 'absent' ? bytes.includes(wanted) : isConversation(bytes);
    const line = concerns ? parse(bytes) : undefined;
    if (line !== undefined) read = follow(read, line, uuid);
    return false;
  });
  return read;
}

/** Whether the instruction stands in the transcript; cheap to ask while a run goes on. */
export async function hasUuid(path: string, uuid: string): Promise<boolean> {
  const wanted = Buffer.from(uuid);
  return someLine(path, (bytes) => {
    const line = bytes.includes(wanted) ? parse(bytes) : undefined;
    return line !== undefined && isDelivery(line, uuid);
  });
}

/** False for a file that a crash or a full disk left without one user line: the CLI neither resumes it nor reuses its id. */
export const hasConversation = (path: string): Promise<boolean> =>
  someLine(path, (bytes) => isConversation(bytes) && parse(bytes) !== undefined);

function follow(read: DeliveryRead, line: ConversationLine, uuid: string): DeliveryRead {
  // The uuid stands in other lines too (a queue's, a reply's); only the user's own line says it was delivered.
  if (read.delivery === 'absent') return isDelivery(line, uuid) ? { delivery: 'unfinished' } : read;
  // Subagents have a conversation of their own; a summary of what was said says nothing new.
  if (line.isSidechain === true || line.isCompactSummary === true) return read;
  if (line.type === 'user' || isOfTheCli(line)) return { ...read, delivery: 'unfinished' };
  const said = line.message?.content?.findLast((block) => block.type === 'text')?.text;
  // A message's lines share its stop reason: without words, its last line may have been lost to a kill.
  const ended = said !== undefined && !GOING_ON.includes(line.message?.stop_reason);
  return { ...read, delivery: ended ? 'finished' : 'unfinished', ...(said !== undefined && { lastSaid: said }) };
}

const isDelivery = (line: ConversationLine, uuid: string): boolean => line.type === 'user' && line.uuid === uuid;

/** Words the CLI puts in Claude's mouth: an API error, or the filler it writes when a session is taken up again. */
const isOfTheCli = (line: ConversationLine): boolean =>
  line.isApiErrorMessage === true || line.message?.model === '<synthetic>';

const isConversation = (bytes: Buffer): boolean => bytes.includes(USER) || bytes.includes(ASSISTANT);

// A line torn by a kill in mid-write says nothing; the CLI begins the next one on a line of its own.
function parse(bytes: Buffer): ConversationLine | undefined {
  try {
    return conversationLine.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whether `isIt` holds for a line; reads no further than that. A file that is missing has no lines. */
async function someLine(path: string, isIt: (line: Buffer) => boolean): Promise<boolean> {
  let found = false;
  const lines = new LineSplitter((line) => {
    found ||= isIt(line);
  }, LINE_CAP_BYTES);
  try {
    for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
      lines.push(piece);
      if (found) return true;
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  lines.end();
  return found;
}
