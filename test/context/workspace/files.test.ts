// What is in a workspace comes back elsewhere byte for byte, whatever it is called and whatever it is.
import { chmod, link, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picture } from '../support/workspace-picture.js';
import { commit, restoreElsewhere, scene, take } from '../support/workspace-store.js';

type Make = (at: string) => Promise<unknown>;
const put = (at: string, name: string, content: string | Buffer = name): Promise<void> =>
  writeFile(join(at, name), content);
const raw = (at: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${at}/`), name]);

const ODDITIES: Record<string, Make> = {
  'nothing at all': async () => undefined,
  'plain and nested files': async (at) => {
    await mkdir(join(at, 'a/b/c'), { recursive: true });
    await put(at, 'a/b/c/x.txt');
    await put(at, 'empty', '');
  },
  programs: async (at) => {
    await put(at, 'run.sh', '#!/bin/sh\n');
    await chmod(join(at, 'run.sh'), 0o755);
  },
  'links: dangling, to the outside, to a folder': async (at) => {
    await mkdir(join(at, 'folder'));
    await put(at, 'folder/f');
    await symlink('nowhere', join(at, 'dangling'));
    await symlink('/etc/passwd', join(at, 'outside'));
    await symlink('folder', join(at, 'to-folder'));
    await symlink('../..', join(at, 'up'));
  },
  'empty folders, one in another': async (at) => {
    await mkdir(join(at, 'e/f/g'), { recursive: true });
    await mkdir(join(at, 'h'));
  },
  'odd permissions': async (at) => {
    for (const mode of [0o600, 0o700, 0o640, 0o444, 0o777, 0o666, 0o4755]) {
      await put(at, `f${mode.toString(8)}`);
      await chmod(join(at, `f${mode.toString(8)}`), mode);
    }
    for (const mode of [0o700, 0o2755, 0o555, 0o1777]) {
      await mkdir(join(at, `d${mode.toString(8)}`));
      await put(at, `d${mode.toString(8)}/x`);
      await mkdir(join(at, `e${mode.toString(8)}`));
      for (const kind of ['d', 'e']) await chmod(join(at, `${kind}${mode.toString(8)}`), mode);
    }
  },
  'odd names': async (at) => {
    const names = [
      'new\nline',
      'quo"te',
      "apo's",
      '-dash',
      ':(glob)*',
      ':!x',
      '*',
      '?',
      '[a]',
      'back\\slash',
      ' lead',
      'trail ',
      '#hash',
      '!not',
      'tab\t',
      '~',
      'base64:x',
      '.gitmodules',
      '.gitattributes',
      'HEAD',
    ];
    for (const name of names) await put(at, name);
    await mkdir(join(at, '*d'));
    await put(at, '*d/:x');
    await put(at, 'caf\u00e9');
    await put(at, 'cafe\u0301');
    await mkdir(join(at, 'Case'));
    await mkdir(join(at, 'case'));
  },
  'names that are no UTF-8': async (at) => {
    await writeFile(raw(at, Buffer.from([0xff, 0xfe, 0x41])), 'x');
    await chmod(raw(at, Buffer.from([0xff, 0xfe, 0x41])), 0o600);
    await mkdir(raw(at, Buffer.from([0x80])));
  },
  'line ends, encodings and attributes': async (at) => {
    await put(
      at,
      '.gitattributes',
      '* text=auto eol=lf\n*.dat filter=lfs diff=lfs merge=lfs -text\n*.id ident\n*.u16 working-tree-encoding=UTF-16\n',
    );
    await put(at, 'crlf.txt', 'a\r\nb\r\n');
    await put(at, 'mixed.txt', 'a\r\nb\n\0');
    await put(at, 'x.id', '$Id$ $Id: 123 $\n');
    await put(at, 'x.u16', Buffer.from('\ufeffhello\n', 'utf16le'));
    await put(at, 'x.dat', `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1\n`);
  },
  'several names for one file': async (at) => {
    await put(at, 'one');
    await link(join(at, 'one'), join(at, 'two'));
  },
  'the task documents, although they ignore themselves': async (at) => {
    await mkdir(join(at, '.taskrun/deep'), { recursive: true });
    await put(at, '.taskrun/.gitignore', '*\n');
    await put(at, '.taskrun/plan.md');
    await put(at, '.taskrun/deep/x');
  },
};

describe('a restored workspace is what was taken', () => {
  it.each(Object.entries(ODDITIES))('%s', async (_name, make) => {
    const at = await scene();
    await make(at.workspace);
    const before = await picture(at.workspace);
    const taken = await take(at);
    expect(taken.lacks).toEqual([]);
    expect(await picture(at.workspace)).toEqual(before);
    expect(await picture(await restoreElsewhere(at, await commit(at, taken)))).toEqual(before);
  });

  it('after files came, changed, went and turned into folders', async () => {
    const at = await scene();
    await mkdir(join(at.workspace, 'd'));
    for (const name of ['a', 'b', 'c', 'd/e']) await put(at.workspace, name);
    const first = await take(at);
    await rm(join(at.workspace, 'a'));
    await put(at.workspace, 'b', 'other');
    await rm(join(at.workspace, 'c'));
    await mkdir(join(at.workspace, 'c'));
    await put(at.workspace, 'c/now-inside');
    await rm(join(at.workspace, 'd'), { recursive: true });
    await put(at.workspace, 'd', 'now a file');
    const second = await take(at, { known: first });
    expect(second.tree).not.toBe(first.tree);
    const restored = await restoreElsewhere(at, await commit(at, second));
    expect(await picture(restored)).toEqual(await picture(at.workspace));
  });
});
