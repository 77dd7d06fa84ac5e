// Claims and releases one directory again and again, each time as a newer attempt, until it is killed.
import { claim, newestClaim, release } from '../../../src/host/claims.js';

const dir = process.argv[2] ?? '';
console.log('"ready"');
for (;;) {
  const newest = await newestClaim(dir);
  const claimed = await claim(dir, { token: (newest?.token ?? 0) + 1, attemptId: `pid-${process.pid}` });
  if (claimed.held) await release(claimed.claim);
}
