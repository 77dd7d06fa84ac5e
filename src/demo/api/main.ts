// The scripted API as a process of its own (node dist/demo/api/main.js [port]), for tests that kill everything around it.
// Prints {"url","port"} as one JSON line, then serves until SIGTERM.
import { startScriptedApi } from './scripted-api.js';

const api = await startScriptedApi({ port: Number(process.argv[2] ?? 0) });
process.stdout.write(`${JSON.stringify({ url: api.url, port: api.port })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void api.close());
}
