// Splits a byte stream into lines in constant memory: a line above the cap is counted and skipped, never held.
// Knows nothing of JSON or of Claude.

const NEWLINE = 0x0a;

/** The longest line that is read; a longer one can only be a tool's output, and the log file has it whole. */
export const LINE_CAP_BYTES = 8 * 1024 * 1024;

export class LineSplitter {
  /** Lines above the cap so far. */
  skipped = 0;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private skipping = false;

  constructor(
    private readonly onLine: (line: Buffer) => void,
    private readonly capBytes: number = LINE_CAP_BYTES,
  ) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.finish(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from));
  }

  /** The last line, when it has no newline. */
  end(): void {
    if (this.heldBytes > 0 || this.skipping) this.finish(Buffer.alloc(0));
  }

  private hold(part: Buffer): void {
    if (this.skipping) return;
    if (this.heldBytes + part.length > this.capBytes) {
      this.skipping = true;
      this.release();
      return;
    }
    this.held.push(part);
    this.heldBytes += part.length;
  }

  private finish(rest: Buffer): void {
    if (this.heldBytes > 0 || this.skipping) this.hold(rest);
    else if (rest.length > this.capBytes) this.skipping = true;
    if (this.skipping) {
      this.skipped += 1;
      this.skipping = false;
    } else if (this.heldBytes > 0) {
      this.onLine(this.held.length === 1 ? (this.held[0] ?? rest) : Buffer.concat(this.held, this.heldBytes));
    } else if (rest.length > 0) {
      this.onLine(rest);
    }
    this.release();
  }

  private release(): void {
    this.held = [];
    this.heldBytes = 0;
  }
}
