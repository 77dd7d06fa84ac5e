// Builds dist/: the compiled sources, the workflow bundle, and the contract's JSON Schema under schema/.
// Made aside and then swapped in, so that what runs from dist/ meets either the old build or the new one.
// Plain JavaScript: it runs before anything is compiled.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const made = (path) => import(pathToFileURL(at(`dist.new/${path}`)).href);

rmSync(at('dist.new'), { recursive: true, force: true });
const compiler = [at('node_modules/typescript/bin/tsc'), '-p', at('tsconfig.build.json'), '--outDir', at('dist.new')];
const tsc = spawnSync(process.execPath, compiler, { stdio: 'inherit' });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const { bundleWorkflows } = await made('worker/bundle.js');
writeFileSync(at('dist.new/workflow-bundle.js'), await bundleWorkflows());

const { contractJsonSchema } = await made('contract/json-schema.js');
mkdirSync(at('schema'), { recursive: true });
writeFileSync(at('schema/taskrun.schema.json'), `${JSON.stringify(contractJsonSchema(), null, 2)}\n`);
chmodSync(at('dist.new/cli/main.js'), 0o755);

rmSync(at('dist'), { recursive: true, force: true });
renameSync(at('dist.new'), at('dist'));

// npm links a package's own program nowhere: without this, each `npx taskrun` in a checkout would install it anew.
rmSync(at('node_modules/.bin/taskrun'), { force: true });
symlinkSync('../../dist/cli/main.js', at('node_modules/.bin/taskrun'));
