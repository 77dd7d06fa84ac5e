// What can become of one instruction, as runs of the real CLI: what was asked, how it was disturbed, and what must be
// readable from the transcript afterwards. Each is kept as golden files, so index.json can say how they came about.
import type { Delivery } from '../../../src/claude/delivery.js';

/** When the signal goes out: at a line of the stream, or at a state of the world that no line shows. */
export type Moment = 'init' | 'firstText' | 'result' | 'requestOpen' | 'secondRequestOpen' | 'toolRuns';

export interface ContractCase {
  name: string;
  prompt: string;
  args?: string[];
  env?: Record<string, string>;
  auth?: 'oauth';
  disturb?: { at: Moment; with: 'SIGKILL' | 'SIGTERM' | 'SIGINT' };
  exit: number | 'SIGKILL';
  delivery: Delivery;
  /** What a run with `--continue` and a nudge says last; without it the case ends here. */
  afterNudge?: string;
}

// Runs until its file is taken away: the end of the test ends it too, whatever became of its parents.
const LONG_TOOL = '[[tool Bash {"command":"touch running; while [ -e running ]; do sleep 0.1; done"}]]';
const QUICK_TOOL = '[[tool Bash {"command":"echo from-the-tool"}]]';
const STREAMING = '[[say early]] [[sleep 60s]] [[say late]]';
const SILENT = '[[sleep 60s]] [[say late]]';
const IN_TOOL = `[[say early]] ${LONG_TOOL} [[say late]]`;

export const CASES: ContractCase[] = [
  { name: 'finished-text', prompt: '[[say one]]', exit: 0, delivery: 'finished', afterNudge: 'ok: go on' },
  { name: 'finished-tools', prompt: `[[say pre]] ${QUICK_TOOL} [[say post]]`, exit: 0, delivery: 'finished' },
  {
    name: 'killed-at-init',
    prompt: '[[say one]]',
    disturb: { at: 'init', with: 'SIGKILL' },
    exit: 'SIGKILL',
    delivery: 'absent',
  },
  {
    name: 'killed-silent',
    prompt: SILENT,
    disturb: { at: 'requestOpen', with: 'SIGKILL' },
    exit: 'SIGKILL',
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'killed-streaming',
    prompt: STREAMING,
    disturb: { at: 'firstText', with: 'SIGKILL' },
    exit: 'SIGKILL',
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'killed-after-tool',
    prompt: `${QUICK_TOOL} ${SILENT}`,
    disturb: { at: 'secondRequestOpen', with: 'SIGKILL' },
    exit: 'SIGKILL',
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'killed-in-tool',
    prompt: IN_TOOL,
    disturb: { at: 'toolRuns', with: 'SIGKILL' },
    exit: 'SIGKILL',
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'killed-at-result',
    prompt: '[[say one]]',
    disturb: { at: 'result', with: 'SIGKILL' },
    exit: 'SIGKILL',
    delivery: 'finished',
  },
  {
    name: 'interrupted-silent',
    prompt: SILENT,
    disturb: { at: 'requestOpen', with: 'SIGINT' },
    exit: 0,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'interrupted-streaming',
    prompt: STREAMING,
    disturb: { at: 'firstText', with: 'SIGINT' },
    exit: 0,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'interrupted-in-tool',
    prompt: IN_TOOL,
    disturb: { at: 'toolRuns', with: 'SIGINT' },
    exit: 0,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'terminated-streaming',
    prompt: STREAMING,
    disturb: { at: 'firstText', with: 'SIGTERM' },
    exit: 143,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'terminated-in-tool',
    prompt: IN_TOOL,
    disturb: { at: 'toolRuns', with: 'SIGTERM' },
    exit: 143,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  { name: 'refused', prompt: '[[error 403 no]] [[say late]]', exit: 1, delivery: 'unfinished', afterNudge: 'late' },
  { name: 'too-long', prompt: '[[error 400 prompt is too long]] [[say late]]', exit: 1, delivery: 'unfinished' },
  {
    name: 'overloaded',
    prompt: '[[error 529]] [[say late]]',
    env: { CLAUDE_CODE_MAX_RETRIES: '1' },
    exit: 1,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  { name: 'overloaded-for-a-moment', prompt: '[[error 529 x1]] [[say late]]', exit: 0, delivery: 'finished' },
  {
    name: 'dropped',
    prompt: '[[drop]] [[say late]]',
    env: { CLAUDE_CODE_MAX_RETRIES: '0' },
    exit: 1,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  { name: 'cut-off-for-a-moment', prompt: '[[say early]] [[drop x1]] [[say late]]', exit: 0, delivery: 'finished' },
  {
    name: 'cut-off-for-good',
    prompt: '[[say early]] [[drop]] [[say late]]',
    env: { CLAUDE_CODE_MAX_RETRIES: '0' },
    exit: 1,
    delivery: 'unfinished',
  },
  { name: 'usage-limit', prompt: '[[limit 3600s]]', auth: 'oauth', exit: 1, delivery: 'unfinished' },
  { name: 'rate-limited-key', prompt: '[[limit 3600s]]', exit: 1, delivery: 'unfinished' },
  {
    name: 'max-turns',
    prompt: `${QUICK_TOOL} [[say late]]`,
    args: ['--max-turns=1'],
    exit: 1,
    delivery: 'unfinished',
    afterNudge: 'late',
  },
  {
    name: 'subagent',
    prompt: `[[tool Task {"description":"look","prompt":"${QUICK_TOOL.replaceAll('"', '\\"')} [[say sub done]]","subagent_type":"general-purpose","run_in_background":false}]] [[say late]]`,
    exit: 0,
    delivery: 'finished',
  },
];
