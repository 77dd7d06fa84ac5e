// What a command prints, and where: results on stdout (words, or JSON with --json), everything said meanwhile on stderr.
// Colour goes to terminals alone, and not where NO_COLOR asks for none.
import type { WriteStream } from 'node:tty';
import { jsonLine } from './plain-text.js';

export type Paint = { bold: Style; dim: Style; green: Style; red: Style; yellow: Style; cyan: Style };
type Style = (text: string) => string;

export type Output = {
  readonly json: boolean;
  /** Both ends are a person's terminal: something may be asked, a line may be rewritten. */
  readonly interactive: boolean;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Colours for stderr. */
  readonly notePaint: Paint;
  /** A result: words for people, or the value for machines. */
  result(words: string, value: unknown): void;
  /** One event of something that goes on, for machines alone. */
  event(value: object): void;
  /** What a person should know meanwhile; machines don't get it. */
  note(words: string): void;
};

export function openOutput({ json = false }: { json?: boolean | undefined }): Output {
  return {
    json,
    // A terminal that has no width can't show a list to pick from.
    interactive: !json && process.stdin.isTTY && process.stderr.isTTY && process.stderr.columns > 0,
    paint: paintFor(process.stdout),
    notePaint: paintFor(process.stderr),
    result: (words, value) => void process.stdout.write(`${json ? jsonLine(value) : words}\n`),
    event: (value) => {
      if (json) process.stdout.write(`${jsonLine(value)}\n`);
    },
    note: (words) => {
      if (!json) process.stderr.write(`${words}\n`);
    },
  };
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** `hasColors` knows NO_COLOR, FORCE_COLOR and what the terminal can do. */
export function paintFor(stream: WriteStream): Paint {
  const colours = stream.isTTY && stream.hasColors();
  const style = ([on, off]: readonly [number, number]): Style =>
    colours ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  return {
    bold: style(CODES.bold),
    dim: style(CODES.dim),
    green: style(CODES.green),
    red: style(CODES.red),
    yellow: style(CODES.yellow),
    cyan: style(CODES.cyan),
  };
}

/** Everything written so far is on its way: a pipe takes it only bit by bit, and an exit would cut it off. */
export async function flushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
}
