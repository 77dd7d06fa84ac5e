// Says who it is, and lives until its stdin closes.
import { ownIdentity } from '../../../src/host/process-identity.js';

console.log(JSON.stringify(ownIdentity()));
process.stdin.resume();
