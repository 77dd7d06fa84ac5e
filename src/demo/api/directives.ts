// The little language that scripts Claude from inside a prompt: `[[say hello]] [[sleep 3s]] [[tool Bash {"command":"ls"}]]`.
// Owns its grammar alone; knows nothing of conversations or HTTP. A misspelt directive becomes the step `invalid`,
// which the API answers with an error: a test must not pass because its script was silently ignored.

/** How often an obstacle stands in the way: N requests, until somebody nudges the conversation on, or for ever. */
export type Times = number | 'untilNudged' | 'always';

type Act =
  | { do: 'say'; text: string }
  | { do: 'recall' }
  | { do: 'big'; bytes: number }
  | { do: 'tool'; name: string; input: Record<string, unknown> }
  | { do: 'tokens'; input: number; output: number }
  | { do: 'sleep'; ms: number; times: Times }
  | { do: 'hang'; times: Times }
  | { do: 'drop'; times: Times }
  | { do: 'error'; status: number; message: string; times: Times }
  | { do: 'limit'; seconds: number; times: Times }
  | { do: 'invalid'; says: string };

export type Step = Act & { source: string };

const OPENING = /\[\[([a-zA-Z]+)(?=[\s\]]|$)/g;
const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const UNITS_BYTES: Record<string, number> = { '': 1, B: 1, KB: 1024, MB: 1024 * 1024 };

/** The steps a text asks for, in order; none when it holds no directive. */
export function parseDirectives(text: string): Step[] {
  const steps: Step[] = [];
  let from = 0;
  for (;;) {
    OPENING.lastIndex = from;
    const opening = OPENING.exec(text);
    if (opening === null) return steps;
    const { act, end } = readDirective(text, opening[1] ?? '', OPENING.lastIndex);
    steps.push({ ...act, source: text.slice(opening.index, end) });
    from = end;
  }
}

/** Tool input may hold `]]` itself, so for `tool` the first end that leaves whole JSON is taken. */
function readDirective(text: string, word: string, from: number): { act: Act; end: number } {
  let end = text.indexOf(']]', from);
  if (end < 0) return { act: invalid(`[[${word}`, 'a directive ends with ]]'), end: text.length };
  if (word !== 'tool') return { act: parseAct(word, text.slice(from, end).trim()), end: end + 2 };
  for (let close = end; close >= 0; close = text.indexOf(']]', close + 1)) {
    const act = parseTool(text.slice(from, close).trim());
    if (act !== undefined) return { act, end: close + 2 };
  }
  end += 2;
  return { act: invalid(text.slice(from - 6, end), 'expected [[tool Name {"json":"object"}]]'), end };
}

function parseTool(rest: string): Act | undefined {
  const [, name, json] = /^(\S+)\s*([^]*)$/.exec(rest) ?? [];
  if (name === undefined) return undefined;
  try {
    const input: unknown = JSON.parse(json === undefined || json === '' ? '{}' : json);
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
    return { do: 'tool', name, input: { ...input } };
  } catch {
    return undefined;
  }
}

function parseAct(word: string, argument: string): Act {
  const { rest, times } = splitTimes(argument);
  switch (word) {
    case 'say':
      return argument === '' ? invalid('[[say]]', 'say what?') : { do: 'say', text: argument };
    case 'recall':
      return { do: 'recall' };
    case 'hang':
    case 'drop':
      return { do: word, times };
    case 'sleep':
      return measured(rest, UNITS_MS, 'sleep 3s', (ms) => ({ do: 'sleep', ms, times }));
    case 'limit':
      return measured(rest, UNITS_MS, 'limit 3600s', (ms) => ({ do: 'limit', seconds: ms / 1000, times }));
    case 'big':
      return measured(rest, UNITS_BYTES, 'big 5MB', (bytes) => ({ do: 'big', bytes }));
    case 'error':
      return parseError(rest, times);
    case 'tokens':
      return parseTokens(rest);
    default:
      return invalid(`[[${word}]]`, 'known are say, recall, tool, sleep, hang, drop, error, limit, big, tokens');
  }
}

function splitTimes(argument: string): { rest: string; times: Times } {
  const match = /(?:^|\s)x(\d+|\*)$/.exec(argument);
  if (match === null) return { rest: argument, times: 'untilNudged' };
  return { rest: argument.slice(0, match.index).trim(), times: match[1] === '*' ? 'always' : Number(match[1]) };
}

function measured(text: string, units: Record<string, number>, example: string, make: (amount: number) => Act): Act {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text);
  const unit = units[match?.[2] ?? ''];
  if (match === null || unit === undefined) return invalid(text, `expected for example [[${example}]]`);
  return make(Math.round(Number(match[1]) * unit));
}

function parseError(rest: string, times: Times): Act {
  const match = /^(\d{3})\s*([^]*)$/.exec(rest);
  if (match === null) return invalid(`[[error ${rest}]]`, 'expected for example [[error 529 x2]]');
  return { do: 'error', status: Number(match[1]), message: match[2] ?? '', times };
}

function parseTokens(rest: string): Act {
  const match = /^(\d+)\s+(\d+)$/.exec(rest);
  if (match === null) return invalid(`[[tokens ${rest}]]`, 'expected [[tokens <input> <output>]]');
  return { do: 'tokens', input: Number(match[1]), output: Number(match[2]) };
}

function invalid(what: string, why: string): Act {
  return { do: 'invalid', says: `scripted API: cannot follow the directive ${what}: ${why}` };
}
