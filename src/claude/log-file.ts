// A log of a run, copied as it comes. A full disk or a missing folder costs the log, never the run: the first trouble
// is kept as a sentence and writing stops.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDiskFull } from '../host/disk.js';
import { errorCode } from '../host/system-error.js';

export class LogFile {
  /** The first thing that went wrong, as a sentence. */
  trouble: string | undefined;

  private constructor(
    private readonly path: string,
    private handle: FileHandle | undefined,
  ) {}

  static async open(path: string): Promise<LogFile> {
    const log = new LogFile(path, undefined);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      log.handle = await open(path, 'a', 0o600);
    } catch (error) {
      await log.giveUp(error);
    }
    return log;
  }

  /** Resolves when the system took the bytes: who waits for it reads no faster than the disk writes. */
  async write(chunk: Buffer): Promise<void> {
    try {
      await this.handle?.appendFile(chunk);
    } catch (error) {
      await this.giveUp(error);
    }
  }

  async close(): Promise<void> {
    const handle = this.handle;
    this.handle = undefined;
    await handle?.close().catch((error: unknown) => this.giveUp(error));
  }

  private async giveUp(error: unknown): Promise<void> {
    const why = isDiskFull(error) ? 'the disk is full' : (errorCode(error) ?? 'it could not be written');
    this.trouble ??= `The log ${this.path} is incomplete: ${why}.`;
    await this.close();
  }
}
