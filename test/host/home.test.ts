// TASKRUN_HOME is made or refused with one sentence that names it, the path, and what to do.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHome } from '../../src/host/home.js';
import { mayMount } from '../support/namespaces.js';
import { bundleProgram } from '../support/program.js';
import { newTempDir, tempDir } from '../support/temp.js';

describe('openHome', () => {
  it('makes a home that is missing, parents included, for its owner alone, and leaves nothing in it', async () => {
    const path = join(await tempDir('home'), 'deep', 'er', 'home');
    const opened = await openHome(path);
    expect(opened).toMatchObject({ ok: true, home: { path, tasks: join(path, 'tasks'), bin: join(path, 'bin') } });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(await readdir(path)).toEqual([]);
  });

  it('takes a home that is there as it is, by twenty at once', async () => {
    const path = join(await tempDir('home'), 'home');
    const opened = await Promise.all(Array.from({ length: 20 }, () => openHome(path)));
    expect(opened.every(({ ok }) => ok)).toBe(true);
    expect(await readdir(path)).toEqual([]);
  });

  it('refuses a file in its place', async () => {
    const path = join(await tempDir('home'), 'home');
    await writeFile(path, 'a file');
    expectRefusal(await openHome(path), path, /is not a directory.*Move/);
  });

  it('refuses a path that leads through a file', async () => {
    const file = join(await tempDir('home'), 'file');
    await writeFile(file, 'a file');
    expectRefusal(await openHome(join(file, 'home')), join(file, 'home'), /is a file.*Move/);
  });

  it('refuses a link into nowhere', async () => {
    const path = join(await tempDir('home'), 'home');
    await symlink('/nowhere/at/all', path);
    expectRefusal(await openHome(path), path, /TASKRUN_HOME to another directory/);
  });

  it.each(['', 'relative/home', '~/home'])('refuses %j, which is not absolute', async (path) => {
    expectRefusal(await openHome(path), path, /absolute path/);
  });

  it('refuses a path that is too long for this system', async () => {
    const opened = await openHome(`/tmp/${'x'.repeat(300)}`);
    expectRefusal(opened, '/tmp/xxx', /too long/);
  });

  it('refuses a directory that this user may not write in', async () => {
    const path = join(await tempDir('home'), 'home');
    await mkdir(path);
    await chmod(path, 0o500);
    expectRefusal(await asNobody(() => openHome(path)), path, /may not write.*chown/);
  });

  describe.skipIf(!mayMount)('on a mount of its own', () => {
    let out: Awaited<ReturnType<typeof newTempDir>>;
    let program: string;
    beforeAll(async () => {
      out = await newTempDir('program');
      program = await bundleProgram(fileURLToPath(new URL('programs/open-home.ts', import.meta.url)), out.dir);
    });
    afterAll(() => out.remove());

    it('refuses a read-only filesystem', async () => {
      const path = join(await tempDir('mount'), 'home');
      expectRefusal(openMounted(program, path, 'mount -t tmpfs -o ro tmpfs "$1"'), path, /read-only/);
    });

    it('refuses a full disk, and says how full', async () => {
      const path = join(await tempDir('mount'), 'home');
      const fill = 'mount -t tmpfs -o size=64k tmpfs "$1"; dd if=/dev/zero of="$1/fill" bs=4k 2>/dev/null';
      expectRefusal(openMounted(program, path, fill), path, /full \(0 KiB left\).*Free some space/);
    });

    it('refuses a disk on which no further file can be made', async () => {
      const path = join(await tempDir('mount'), 'home');
      const fill = 'mount -t tmpfs -o nr_inodes=2 tmpfs "$1"; touch "$1/one"';
      expectRefusal(openMounted(program, path, fill), path, /no further file/);
    });
  });
});

function expectRefusal(opened: Awaited<ReturnType<typeof openHome>>, path: string, reason: RegExp): void {
  expect(opened.ok).toBe(false);
  const says = opened.ok ? '' : opened.says;
  expect(says).toMatch(/^TASKRUN_HOME: .*\.$/);
  expect(says).toContain(path);
  expect(says).toMatch(reason);
}

/** Root may write anywhere: permissions bind it only as somebody else. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

function openMounted(program: string, path: string, prepare: string): Awaited<ReturnType<typeof openHome>> {
  const script = `mkdir -p "$1"; ${prepare}; exec "$2" "$3" "$1"`;
  return JSON.parse(
    execFileSync('unshare', ['-rm', 'sh', '-c', script, 'sh', path, process.execPath, program], { encoding: 'utf8' }),
  );
}
