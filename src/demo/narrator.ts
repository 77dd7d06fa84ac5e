// How the demo speaks: numbered steps for people, one JSON object a line for machines.

export type Narrator = {
  /** The headline of a step. */
  step(title: string): void;
  /** A line under it. */
  tell(line: string): void;
  /** Something that was checked, with what was seen; a false one fails the demo. */
  proof(claim: string, holds: boolean, seen: string): void;
  readonly failed: number;
};

const COLOURS = { bold: '\u001b[1m', dim: '\u001b[2m', green: '\u001b[32m', red: '\u001b[31m', off: '\u001b[0m' };

export function narrator({ json, colour }: { json: boolean; colour: boolean }): Narrator {
  let steps = 0;
  let failed = 0;
  const paint = (name: keyof typeof COLOURS, text: string): string =>
    colour ? `${COLOURS[name]}${text}${COLOURS.off}` : text;
  const write = (words: string, event: object): void => {
    process.stdout.write(`${json ? JSON.stringify(event) : words}\n`);
  };
  return {
    step(title) {
      steps += 1;
      write(`\n${paint('bold', `${steps}. ${title}`)}`, { step: steps, title });
    },
    tell(line) {
      write(`   ${paint('dim', line)}`, { step: steps, line });
    },
    proof(claim, holds, seen) {
      if (!holds) failed += 1;
      write(`   ${holds ? paint('green', '✓') : paint('red', '✗')} ${claim}: ${seen}`, {
        step: steps,
        claim,
        holds,
        seen,
      });
    },
    get failed() {
      return failed;
    },
  };
}
