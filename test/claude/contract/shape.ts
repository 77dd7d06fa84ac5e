// The shape of stream and transcript lines: the fields taskrun leans on, with what of their values must hold. Lines of
// kinds nobody reads, and fields nobody reads, may change from version to version without breaking anything.
import type { JsonLine } from './record.js';

/** `text`, `number` … stand for any value of that type; `=` keeps the value itself. */
const STREAM: Record<string, string[]> = {
  'system/init': ['session_id', 'model', 'claude_code_version', 'cwd', '=permissionMode'],
  'system/api_retry': ['attempt', 'max_retries', 'retry_delay_ms', '=error_status', 'error'],
  'system/background_tasks_changed': ['tasks'],
  command_lifecycle: ['command_uuid', '=state', 'session_id'],
  rate_limit_event: ['=rate_limit_info.status', 'rate_limit_info.resetsAt', '=rate_limit_info.rateLimitType'],
  user: ['=isReplay', 'uuid', 'parent_tool_use_id', 'message.content', '=message.content.0.type'],
  assistant: ['=error', 'message.id', '=message.content.0.type', '=message.content.0.text', '=message.content.0.name'],
  result: [
    '=subtype',
    '=is_error',
    '=terminal_reason',
    '=api_error_status',
    '=stop_reason',
    '=num_turns',
    'session_id',
    'total_cost_usd',
    'result',
    'errors',
  ],
};
const TRANSCRIPT: Record<string, string[]> = {
  user: ['uuid', 'sessionId', 'timestamp', '=isSidechain', '=isMeta', 'message.content', '=message.content.0.type'],
  assistant: [
    'uuid',
    'sessionId',
    'timestamp',
    '=isSidechain',
    '=isApiErrorMessage',
    '=error',
    '=message.stop_reason',
    '=message.content.0.type',
    '=message.content.0.text',
  ],
};

export const streamShape = (lines: JsonLine[]): string[] => shapes(lines, STREAM);
export const transcriptShape = (lines: JsonLine[]): string[] => shapes(lines, TRANSCRIPT);

function shapes(lines: JsonLine[], table: Record<string, string[]>): string[] {
  return lines.flatMap((line) => {
    const kind = kindOf(line);
    const paths = table[kind];
    return paths === undefined ? [] : [`${kind} ${paths.map((path) => shown(line, path)).join(' ')}`];
  });
}

function kindOf(line: JsonLine): string {
  const { type, subtype } = line;
  return type === 'system' ? `system/${String(subtype)}` : String(type);
}

function shown(line: JsonLine, path: string): string {
  const exact = path.startsWith('=');
  const value = at(line, exact ? path.slice(1) : path);
  const said = path === '=message.content.0.text' ? masked(value) : value;
  return `${path.replace('=', '')}:${exact ? JSON.stringify(said) : typeName(value)}`;
}

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = new Map(Object.entries(found)).get(key);
  }
  return found;
}

/** Error texts name times and ports. */
/** Times are said in many ways: "5:47pm", "6am", "Nov 24, 1am". */
const masked = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/resets [^(]*\(/, 'resets # (').replace(/\d+/g, '#') : value;

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return value === null ? 'null' : typeof value;
}
