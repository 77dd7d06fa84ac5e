// Adds to a number in a file, so and so often, each time alone: read, pause, write. Without a lock most would be lost.
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../../../src/host/lock.js';

const [lock = '', file = '', times = '0'] = process.argv.slice(2);
console.log('"ready"');
let locked = 0;
for (let n = 0; n < Number(times); n += 1) {
  const added = await withLock(lock, { withinMs: 30_000, holdsAtMostMs: 60_000 }, async () => {
    const count = Number(await readFile(file, 'utf8'));
    await delay(2);
    await writeFile(file, String(count + 1));
  });
  if (added.locked) locked += 1;
}
console.log(JSON.stringify(locked));
