// Where a conversation stands in its script. Pure and stateless: the place is derived from the conversation alone, so a
// resume on another host, or against a fresh API process, goes on at the right step.
//
// The script is that of the newest user text with directives. Each text it says is a content block of its own and each
// tool call carries its step in its id, so what was delivered can be read back. A later text without directives (a nudge)
// passes the obstacle the script stood at; after the script's end it is an ordinary message.
import { type Happening, userTexts } from './conversation.js';
import { parseDirectives, type Step } from './directives.js';

/** `step` is the place in the script, stable over requests. */
export type PlacedStep = { step: Step; index: number };

export interface Standing {
  /** The text holding the script, or the newest text when there is none. */
  instruction: string;
  ahead: PlacedStep[];
}

const RECALL_PREFIX = 'recall: ';
const TOOL_ID = /^toolu_step(\d+)_/;

export function standing(happenings: Happening[]): Standing {
  const start = happenings.findLastIndex((each) => isTold(each) && parseDirectives(each.text).length > 0);
  const script = happenings[start];
  if (script === undefined || !isTold(script)) return plainAnswer(happenings);
  const steps = closed(parseDirectives(script.text));
  const after = happenings.slice(start + 1);
  const { next, passed } = progress(steps, after);
  const ahead = steps
    .map((step, index) => ({ step, index }))
    .filter((each) => each.index >= next && !passed.has(each.index));
  if (next < steps.length) return { instruction: script.text, ahead };
  return after.some(isTold) ? plainAnswer(after) : { instruction: script.text, ahead: [closing(steps.length)] };
}

export function recallText(happenings: Happening[]): string {
  return RECALL_PREFIX + JSON.stringify(userTexts(happenings));
}

export function bigText(bytes: number): string {
  return 'big '.repeat(Math.ceil(bytes / 4)).slice(0, bytes);
}

export function toolUseId(index: number, unique: string): string {
  return `toolu_step${index}_${unique}`;
}

function progress(steps: Step[], after: Happening[]): { next: number; passed: Set<number> } {
  const passed = new Set<number>();
  let next = 0;
  // A nudge after a tool call that was cut off is about that call: no obstacle was met yet.
  let stoodInTool = false;
  after.forEach((each, at) => {
    if (each.kind === 'said') next = afterText(steps, next, each.text);
    if (each.kind === 'called') next = Math.max(next, Number(TOOL_ID.exec(each.id)?.[1] ?? -1) + 1);
    if (each.kind === 'returned') stoodInTool = each.cutOff;
    if (!isNudge(each, after[at + 1])) return;
    if (!stoodInTool) passObstacle(steps, next, passed);
    stoodInTool = false;
  });
  return { next, passed };
}

/** The CLI's own "continue" counts only when no text of the user's follows it: the two are one nudge. */
function isNudge(each: Happening, following: Happening | undefined): boolean {
  if (each.kind !== 'told') return false;
  if (each.by === 'user') return true;
  return each.text.startsWith('Continue') && following?.kind !== 'told';
}

function passObstacle(steps: Step[], next: number, passed: Set<number>): void {
  for (let index = next; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || step.do === 'tool') return;
    if ('times' in step && step.times === 'untilNudged' && step.do !== 'limit' && !passed.has(index)) {
      passed.add(index);
      return;
    }
  }
}

/** Texts that are none of the script's (the CLI's own placeholders) move nothing. */
function afterText(steps: Step[], next: number, text: string): number {
  for (let index = next; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || step.do === 'tool') return next;
    if (isTextOf(step, text)) return index + 1;
  }
  return next;
}

function isTextOf(step: Step, text: string): boolean {
  if (step.do === 'say') return text.trim() === step.text;
  if (step.do === 'recall') return text.startsWith(RECALL_PREFIX);
  return step.do === 'big' && text.length >= step.bytes - 4 && text.startsWith('big ');
}

/** Every script ends in a text, for a turn needs one. */
function closed(steps: Step[]): Step[] {
  const last = steps.at(-1)?.do;
  const endsInText = last === 'say' || last === 'recall' || last === 'big';
  return endsInText ? steps : [...steps, closing(steps.length).step];
}

function closing(index: number): PlacedStep {
  return { step: { do: 'say', text: 'done', source: '(end)' }, index };
}

function plainAnswer(happenings: Happening[]): Standing {
  const newest = userTexts(happenings).at(-1) ?? '';
  const text = `ok: ${newest.slice(0, 60)}`;
  return { instruction: newest, ahead: [{ step: { do: 'say', text, source: '(plain)' }, index: 0 }] };
}

function isTold(each: Happening): each is Extract<Happening, { kind: 'told' }> {
  return each.kind === 'told';
}
