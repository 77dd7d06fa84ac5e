// Claims what it is told to, and says what came of it; what it holds, it watches. One JSON line in, one out.
import { createInterface } from 'node:readline';
import { type Claim, claim, isMine, release } from '../../../src/host/claims.js';
import { watchClaim } from '../../../src/host/watch-claim.js';

type Told = { claim: { token: number; attemptId: string } } | { isMine: true } | { release: true };

const dir = process.argv[2] ?? '';
let held: Claim | undefined;
let lostTo: string | undefined;
console.log('"ready"');
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(JSON.parse(line))));

async function answer(told: Told): Promise<unknown> {
  if ('claim' in told) return claimIt(told.claim);
  if (held === undefined) return { mine: false };
  if ('isMine' in told) return { mine: await isMine(held), lostTo };
  await release(held);
  return { released: true };
}

async function claimIt(request: { token: number; attemptId: string }): Promise<unknown> {
  const claimed = await claim(dir, request);
  if (!claimed.held) return { held: false, by: claimed.by.attemptId };
  held = claimed.claim;
  watchClaim(held, 20, (by) => {
    lostTo = by?.attemptId;
  });
  return { held: true, previous: claimed.previous.map(({ attemptId }) => attemptId) };
}
