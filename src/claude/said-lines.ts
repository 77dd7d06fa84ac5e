// Reads the two kinds of lines that a stream is full of, Claude's words and what came back from its tools. By hand:
// a schema costs more here than JSON.parse itself; the rarer lines have theirs in stream-shapes.ts.

export interface AssistantWords {
  messageId?: string | undefined;
  text?: string | undefined;
  tool?: { id: string; name: string } | undefined;
  error?: string | undefined;
}

export type UserLine = { replayed: string } | { returned: string[] };

type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const blocksOf = (message: unknown): readonly unknown[] =>
  isFields(message) && Array.isArray(message['content']) ? message['content'] : [];

// Lines of a subagent name the tool call they belong to: its words are not this session's.
const isOfASubagent = (line: Fields): boolean => typeof line['parent_tool_use_id'] === 'string';

/** Undefined for a line that says nothing of this session. */
export function readAssistant(line: Fields): AssistantWords | undefined {
  const message = line['message'];
  if (isOfASubagent(line) || !isFields(message)) return undefined;
  const words: AssistantWords = { messageId: text(message['id']), error: text(line['error']) };
  for (const block of blocksOf(message)) {
    if (!isFields(block)) continue;
    const { type, text: said, name, id } = block;
    if (type === 'text' && typeof said === 'string' && said.trim() !== '') words.text = said;
    if (type === 'tool_use' && typeof name === 'string') words.tool = { id: text(id) ?? '', name };
  }
  return words;
}

/** A message of ours echoed, or the results of tools; undefined for anything else. */
export function readUser(line: Fields): UserLine | undefined {
  const { uuid, isReplay, message } = line;
  if (isReplay === true && typeof uuid === 'string') return { replayed: uuid };
  if (isOfASubagent(line)) return undefined;
  const returned = blocksOf(message).flatMap((block) => (isFields(block) ? (text(block['tool_use_id']) ?? []) : []));
  return returned.length > 0 ? { returned } : undefined;
}
