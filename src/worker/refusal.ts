// Why a worker does not start, as the process ends with it: a sentence and an exit code.
import { EXIT } from '../contract/exit-codes.js';

export class StartRefused extends Error {
  constructor(
    readonly exitCode: number,
    says: string,
  ) {
    super(says);
    this.name = 'StartRefused';
  }
}

export const wrongSetting = (says: string): StartRefused => new StartRefused(EXIT.usage, says);
export const unreachable = (says: string): StartRefused => new StartRefused(EXIT.unreachable, says);
