// The workflow bundle of the sources as they are now, made once for all test files and kept until a source changes.
// The worker's own process needs the payload converter too, as JavaScript.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../../src/worker/bundle.js';
import { bundleProgram } from './program.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/taskrun/bundles');
/** What the bundle is made of; the lock file stands for the packages. */
const SOURCES = [
  'src/workflows',
  'src/contract',
  'src/domain/task',
  'src/view',
  'src/worker/bundle.ts',
  'package-lock.json',
];

export interface TestBundle {
  codePath: string;
  payloadConverterPath: string;
}

export async function testBundle(): Promise<TestBundle> {
  const dir = join(CACHE, await sourcesHash());
  if (!existsSync(dir)) await makeBundle(dir);
  return { codePath: join(dir, 'workflow-bundle.js'), payloadConverterPath: join(dir, 'payload-converter.mjs') };
}

/** Made aside and moved into place: another test file may be making the same one. */
async function makeBundle(dir: string): Promise<void> {
  const making = `${dir}.${process.pid}`;
  await mkdir(making, { recursive: true });
  await writeFile(join(making, 'workflow-bundle.js'), await bundleWorkflows());
  await bundleProgram(join(ROOT, 'src/workflows/payload-converter.ts'), making);
  await rename(making, dir).catch(async (error: unknown) => {
    await rm(making, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  });
  await forgetOthers(dir);
}

/** Bundles of former sources; one that another test file still reads stays for a while. */
async function forgetOthers(kept: string): Promise<void> {
  const names = (await readdir(dirname(kept))).filter((name) => !kept.endsWith(name) && !name.includes('.'));
  for (const name of names.slice(0, -6)) await rm(join(CACHE, name), { recursive: true, force: true });
}

async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await sourceFiles()) hash.update(path).update(await readFile(join(ROOT, path)));
  return hash.digest('hex').slice(0, 24);
}

async function sourceFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const source of SOURCES) {
    if (/\.\w+$/.test(source)) found.push(source);
    else {
      const names = await readdir(join(ROOT, source), { recursive: true });
      found.push(...names.filter((name) => name.endsWith('.ts')).map((name) => join(source, name)));
    }
  }
  return found.toSorted();
}
