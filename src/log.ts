// Structured logs: one JSON line an event, on stderr or in a file. No prompt, no key, no variable's value is logged.

import type { Logger, LogMetadata, LogLevel as TemporalLevel } from '@temporalio/worker';
import { type Logger as Pino, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './config.js';

export type { Pino as Log };

/** To stderr, or appended to `file`. */
export function createLog(level: LogLevel, file?: string): Pino {
  const destination = pino.destination({ dest: file ?? 2, sync: file === undefined, mkdir: true });
  return pino(
    { level, timestamp: stdTimeFunctions.isoTime, base: null, formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
}

/** Temporal's own log lines, in the same place and form. */
export function temporalLogger(log: Pino): Logger {
  const at = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: LogMetadata) =>
    log[level]({ ...plain(meta) }, message);
  return {
    log: (level: TemporalLevel, message, meta) => at(level.toLowerCase() as 'info')(message, meta),
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}

/** Strings, numbers and errors' messages alone: what else an SDK may attach (headers, payloads) stays out. */
function plain(meta: LogMetadata | undefined): Record<string, unknown> {
  const entries = Object.entries(meta ?? {}).flatMap(([key, value]): [string, unknown][] => {
    if (value instanceof Error) return [[key, `${value.name}: ${value.message}`]];
    return ['string', 'number', 'boolean'].includes(typeof value) ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}
