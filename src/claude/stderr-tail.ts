// The end of what the CLI wrote to stderr, as text that may stand in a report: short, printable, without secrets.

const KEPT_BYTES = 4 * 1024;
export const TAIL_BYTES = 2 * 1024;
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIAL|AUTH/i;
const SHORTEST_SECRET = 8;
// Colours and cursor movements, then every other control character but newline and tab.
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export class StderrTail {
  private kept: Buffer = Buffer.alloc(0);

  /** Values of `environment` that look like secrets by their names are never repeated. */
  constructor(private readonly environment: Readonly<Record<string, string | undefined>>) {}

  push(chunk: Buffer): void {
    const joined = chunk.length >= KEPT_BYTES ? chunk : Buffer.concat([this.kept, chunk]);
    this.kept = Buffer.from(joined.subarray(-KEPT_BYTES));
  }

  /** At most 2 KB in UTF-8. */
  text(): string {
    const printable = this.kept.toString('utf8').replace(ESCAPES, '').replace(CONTROLS, '');
    return lastBytes(withoutSecrets(printable, this.environment).trim(), TAIL_BYTES);
  }
}

function withoutSecrets(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  let clean = text;
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value.length >= SHORTEST_SECRET && SECRET_NAME.test(name))
      clean = clean.replaceAll(value, `[${name}]`);
  }
  return clean;
}

function lastBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let from = encoded.length - bytes;
  while (((encoded[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return encoded.subarray(from).toString('utf8');
}
