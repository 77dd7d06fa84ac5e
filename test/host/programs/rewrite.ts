// Rewrites one file again and again, each time whole, until it is killed.
import { writeAtomically } from '../../../src/host/atomic-file.js';

const path = process.argv[2] ?? '';
console.log('"ready"');
for (let round = 0; ; round = (round + 1) % 10) await writeAtomically(path, String(round).repeat(200_000));
