// Starts a home's dev server, or finds it, and says which; "end" lets it exit without stopping the server itself.
import { startDevServer } from '../../../src/host/dev-server.js';

const [binary = '', dir = ''] = process.argv.slice(2);
const started = await startDevServer({ binary, dir, uiPort: false, searchAttributes: {} });
console.log(JSON.stringify(started));
process.stdin.once('data', () => process.exit(0));
