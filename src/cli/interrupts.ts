// Ctrl-C and its kin, for commands that have something to end: the first asks for a gentle end, the second leaves at once.
import { LEFT_AT_ONCE } from './failure.js';
import { CLEAR_LINE } from './live-line.js';

export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const SIGNALS: Interrupt[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** `saysAtOnce` is what leaving at once means at that moment. Returns how to stop listening. */
export function onInterrupt(gently: (signal: Interrupt) => void, saysAtOnce: () => string): () => void {
  let asked = false;
  const listener = (signal: Interrupt): void => {
    if (asked) {
      process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}${saysAtOnce()}\n`);
      process.exit(LEFT_AT_ONCE);
    }
    asked = true;
    gently(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
