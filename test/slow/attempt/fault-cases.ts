// Faults that the real CLI can be driven into offline, and the class each must get. The evidence of each is kept beside
// the classifier's own test, test/domain/attempt/evidence.
import type { FaultClass } from '../../../src/contract/fault.js';

export interface FaultCase {
  name: string;
  prompt: string;
  env?: Record<string, string>;
  auth?: 'oauth' | 'none';
  args?: string[];
  /** Launched with --resume of a session that nobody has. */
  resumes?: true;
  limits?: { attemptTimeoutMs?: number; silenceTimeoutMs?: number };
  /** Sent to the CLI when its request has reached the API. */
  signal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT';
  class: FaultClass;
  /** Words of the CLI's own that must reach the person. */
  says?: RegExp;
}

const RETRIES = (times: number) => ({ CLAUDE_CODE_MAX_RETRIES: String(times) });
const NOBODY = 'http://127.0.0.1:9';

export const FAULT_CASES: FaultCase[] = [
  { name: 'overloaded', prompt: '[[error 529]]', class: 'overloaded', says: /529 Overloaded/ },
  { name: 'overloaded after a retry', prompt: '[[error 529]]', env: RETRIES(1), class: 'overloaded', says: /529/ },
  { name: 'server error', prompt: '[[error 500 internal]]', class: 'overloaded', says: /500/ },
  { name: 'connection dropped', prompt: '[[drop]]', class: 'network', says: /ECONNRESET/ },
  {
    name: 'nobody listens',
    prompt: 'hello',
    env: { ANTHROPIC_BASE_URL: NOBODY },
    class: 'network',
    says: /ECONNREFUSED/,
  },
  {
    name: 'prompt too long at the API',
    prompt: '[[error 400 prompt is too long: 250000 tokens > 200000 maximum]]',
    class: 'contextFull',
    says: /Prompt is too long/,
  },
  {
    name: 'too long before any request',
    prompt: `${'word '.repeat(700_000)} [[say never]]`,
    class: 'contextFull',
    says: /too long/,
  },
  {
    name: 'history refused',
    prompt:
      '[[error 400 messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1]]',
    class: 'poisoned',
    says: /API Error: 400/,
  },
  { name: 'request too large', prompt: '[[error 413]]', class: 'poisoned', says: /too large/ },
  {
    name: 'no credit',
    prompt: '[[error 400 Your credit balance is too low to access the Anthropic API.]]',
    class: 'credit',
    says: /Credit balance is too low/,
  },
  { name: 'key not known', prompt: '[[error 401]]', class: 'credential', says: /Invalid API key/ },
  { name: 'key without permission', prompt: '[[error 403 no]]', class: 'credential', says: /Failed to authenticate/ },
  { name: 'nobody logged in', prompt: 'hello', auth: 'none', class: 'credential', says: /Please run \/login/ },
  { name: 'model not known', prompt: '[[error 404]]', class: 'model', says: /selected model/ },
  { name: 'rate limit of a key', prompt: '[[limit 3600s]]', class: 'rateLimit', says: /429/ },
  { name: 'usage limit', prompt: '[[limit 3600s]]', auth: 'oauth', class: 'usageLimit', says: /hit your limit/ },
  {
    name: 'turns used up',
    prompt: '[[tool Bash {"command":"true"}]] [[say late]]',
    args: ['--max-turns=1'],
    class: 'budget',
    says: /maximum number of turns/,
  },
  {
    name: 'budget used up',
    prompt: '[[tool Bash {"command":"true"}]] [[say late]]',
    args: ['--max-budget-usd=0.0000001'],
    class: 'budget',
    says: /maximum budget/,
  },
  {
    name: 'session not known',
    prompt: 'hello',
    resumes: true,
    class: 'transcriptLost',
    says: /No conversation found/,
  },
  { name: 'killed', prompt: '[[hang]]', signal: 'SIGKILL', class: 'lost' },
  { name: 'ended by another', prompt: '[[hang]]', signal: 'SIGTERM', class: 'lost' },
  { name: 'interrupted by another', prompt: '[[hang]]', signal: 'SIGINT', class: 'lost' },
  { name: 'silent', prompt: '[[hang]]', limits: { silenceTimeoutMs: 1_500 }, class: 'silent' },
  { name: 'out of time', prompt: '[[sleep 60s]]', limits: { attemptTimeoutMs: 2_000 }, class: 'timedOut' },
  {
    name: 'option not known',
    prompt: 'hello',
    args: ['--nonsense=1'],
    class: 'unknown',
    says: /unknown option '--nonsense=1'/,
  },
  {
    name: 'MCP file missing',
    prompt: 'hello',
    args: ['--mcp-config=/nowhere/mcp.json'],
    class: 'unknown',
    says: /MCP config file not found: \/nowhere\/mcp\.json/,
  },
];
