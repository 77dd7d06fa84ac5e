// Reads a Messages API request into what happened, in order: told (by the user or by the CLI in the user's name), said,
// called, returned. Owns the border: the body is parsed here once. Knows nothing of directives.
import { z } from 'zod';

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
});
const message = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) });

export const messagesRequest = z.looseObject({
  model: z.string().default('unknown'),
  stream: z.boolean().default(false),
  max_tokens: z.number().optional(),
  messages: z.array(message),
  tools: z.array(z.unknown()).default([]),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;
type Block = z.infer<typeof block>;

export type Happening =
  | { kind: 'told'; by: 'user' | 'cli'; text: string }
  | { kind: 'said'; text: string }
  | { kind: 'called'; id: string }
  | { kind: 'returned'; id: string; cutOff: boolean };

const REMINDER = /<system-reminder>[^]*?<\/system-reminder>\s*/g;
/** Texts that Claude Code itself puts in the user's name. */
const BY_CLI = [
  /^\[Request interrupted by user[^\]]*\]$/,
  /^Continue from where you left off\.$/,
  /^Your response above was cut off mid-stream\./,
  /^This session is being continued from a previous conversation/,
  /^<(?:task-notification|command-name|local-command-[a-z]+)>/,
];
const COMPACTION = /^CRITICAL: Respond with TEXT ONLY\./;
/** The results that Claude Code makes up for a tool call that a signal or a kill cut off. */
const CUT_OFF = /Tool call interrupted: the session ended|The user doesn't want to proceed with this tool use/;

export function readConversation(request: MessagesRequest): Happening[] {
  return request.messages.flatMap(({ role, content }) => {
    const blocks: Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return blocks.flatMap((each) => readBlock(role, each));
  });
}

/** What people (or programs) typed, in order: no reminders, no tool results, none of the CLI's own words. */
export function userTexts(happenings: Happening[]): string[] {
  return happenings.flatMap((each) => (each.kind === 'told' && each.by === 'user' ? [each.text] : []));
}

/** Titles, topics, quota probes, compactions: a conversation's own requests offer tools and end in somebody's words. */
export function isSideRequest(request: MessagesRequest): boolean {
  const newest = userTexts(readConversation(request)).at(-1) ?? '';
  return request.tools.length === 0 || request.max_tokens === 1 || COMPACTION.test(newest);
}

function readBlock(role: string, { type, text, id, tool_use_id, content }: Block): Happening[] {
  if (role === 'user' && type === 'tool_result') {
    return [{ kind: 'returned', id: tool_use_id ?? '', cutOff: CUT_OFF.test(JSON.stringify(content) ?? '') }];
  }
  if (role === 'user' && type === 'text') return readTold(text ?? '');
  if (role === 'assistant' && type === 'text') return [{ kind: 'said', text: text ?? '' }];
  if (role === 'assistant' && type === 'tool_use') return [{ kind: 'called', id: id ?? '' }];
  return [];
}

function readTold(raw: string): Happening[] {
  const text = raw.replace(REMINDER, '').trim();
  if (text === '') return [];
  return [{ kind: 'told', by: BY_CLI.some((known) => known.test(text)) ? 'cli' : 'user', text }];
}
