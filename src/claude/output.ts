// Reads a run's stdout to its end: copies it to the log, folds its lines into the progress. As fast as the log takes
// it and no faster, in constant memory.
import type { Readable } from 'node:stream';
import { LineSplitter } from './lines.js';
import type { LogFile } from './log-file.js';
import { advance, noProgress, type Progress } from './progress.js';
import { parseLine } from './stream.js';

export class Output {
  /** As it stands now; each value handed to `onProgress` is a copy that stays as it is. */
  progress: Progress;
  private readonly draft: Progress;
  private readonly lines: LineSplitter;

  constructor(
    messageUuid: string,
    private readonly onProgress: (progress: Progress) => void,
  ) {
    this.draft = noProgress(messageUuid);
    this.progress = { ...this.draft };
    this.lines = new LineSplitter((line) => {
      this.draft.lines += 1;
      advance(this.draft, parseLine(line));
    });
  }

  async read(stdout: Readable, log: LogFile): Promise<void> {
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      this.lines.push(chunk);
      this.publish(chunk.length);
      await log.write(chunk);
    }
    this.lines.end();
    this.publish(0);
  }

  private publish(bytes: number): void {
    this.draft.bytes += bytes;
    this.draft.oversizedLines = this.lines.skipped;
    this.progress = { ...this.draft };
    this.onProgress(this.progress);
  }
}
