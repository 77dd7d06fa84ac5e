// Takes a lock, says so, and never gives it back.
import { withLock } from '../../../src/host/lock.js';

await withLock(process.argv[2] ?? '', { withinMs: 0, holdsAtMostMs: 60_000 }, async () => {
  console.log('"holding"');
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
});
