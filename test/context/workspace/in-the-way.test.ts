// A restore destroys nothing that no checkpoint holds: what is in the way is beside itself afterwards, and named.
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { restoreFiles, restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { DEFAULT_LIMITS, type Taken } from '../../../src/context/workspace/take.js';
import { bundleProgram, talkTo } from '../../support/program.js';
import { commit, type Scene, scene, take, userGit } from '../support/workspace-store.js';

const limits = { ...DEFAULT_LIMITS, fileBytes: 10_000 };

async function put(at: Scene, name: string, content = name): Promise<void> {
  await mkdir(dirname(join(at.workspace, name)), { recursive: true });
  await writeFile(join(at.workspace, name), content);
}
const text = (at: Scene, name: string): Promise<string> => readFile(join(at.workspace, name), 'utf8');

/** A moment with these files, while the workspace is left as `then` makes it, looked at once more. */
async function momentBefore(
  files: Record<string, string>,
  then: (at: Scene) => Promise<unknown>,
): Promise<{ at: Scene; moment: Awaited<ReturnType<typeof commit>>; tree: string }> {
  const at = await scene();
  for (const [name, content] of Object.entries(files)) await put(at, name, content);
  const taken = await take(at, { limits });
  const moment = await commit(at, taken);
  for (const name of await readdir(at.workspace)) await rm(join(at.workspace, name), { recursive: true });
  // What the index knows is kept on, ignored or not.
  await take(at, { limits });
  await then(at);
  await take(at, { limits });
  return { at, moment, tree: taken.tree };
}

const aside = (name: string, id: string): string => `${name}.before-${id.slice(0, 8)}`;
const says = (name: string, id: string): string =>
  `${name} was in the way, and no checkpoint holds it: it is now ${aside(name, id)}`;

const ignoring = (at: Scene, rule: string) => put(at, '.gitignore', `${rule}\n`);

const CASES: Record<string, { moment: Record<string, string>; now: (at: Scene) => Promise<unknown>; moved: string }> = {
  'a file too large to be kept': {
    moment: { 'big.bin': 'small' },
    now: (at) => put(at, 'big.bin', 'L'.repeat(50_000)),
    moved: 'big.bin',
  },
  'an ignored file': {
    moment: { 'out/log': 'kept' },
    now: async (at) => [await ignoring(at, 'log'), await put(at, 'out/log', 'precious')],
    moved: 'out/log',
  },
  'an ignored file that is empty in the moment': {
    moment: { log: '' },
    now: async (at) => [await ignoring(at, 'log'), await put(at, 'log', 'precious')],
    moved: 'log',
  },
  'an ignored folder in the way of a file': {
    moment: { build: 'a file' },
    now: async (at) => [await ignoring(at, 'build/'), await put(at, 'build/deep/x', 'precious')],
    moved: 'build',
  },
  'a folder with kept files and one that is not, in the way of a file': {
    moment: { build: 'a file' },
    now: async (at) => [await put(at, 'build/kept'), await put(at, 'build/.env', 'precious')],
    moved: 'build',
  },
  'an ignored file in the way of a folder': {
    moment: { 'data/a/x': 'x', 'data/b': 'b' },
    now: async (at) => [await ignoring(at, 'data'), await put(at, 'data', 'precious')],
    moved: 'data',
  },
  'an ignored link, to a folder outside, in the way of a folder': {
    moment: { 'data/x': 'mine' },
    now: async (at) => {
      await ignoring(at, 'data');
      await mkdir(join(at.root, 'outside'));
      await writeFile(join(at.root, 'outside/x'), 'theirs');
      await symlink(join(at.root, 'outside'), join(at.workspace, 'data'));
    },
    moved: 'data',
  },
  'an ignored link in the way of a file': {
    moment: { config: 'file' },
    now: async (at) => [await ignoring(at, 'config'), await symlink('/nowhere', join(at.workspace, 'config'))],
    moved: 'config',
  },
  'a pipe': {
    moment: { pipe: 'file' },
    now: (at) => execa('mkfifo', [join(at.workspace, 'pipe')]),
    moved: 'pipe',
  },
  'a folder with a repository that could not be kept whole': {
    moment: { sub: 'a file' },
    now: async (at) => {
      await put(at, 'sub/x');
      await userGit(join(at.workspace, 'sub'), 'init', '-q');
      await put(at, 'sub/.git/large', 'L'.repeat(50_000));
    },
    moved: 'sub',
  },
};

/** Everything below, link targets and contents, by name. */
async function contents(place: string): Promise<unknown> {
  const stats = await lstat(place);
  if (stats.isSymbolicLink()) return `link ${await readlink(place)}`;
  if (!stats.isDirectory()) return stats.isFile() ? readFile(place, 'utf8') : 'special';
  const names = (await readdir(place)).sort();
  return Promise.all(names.map(async (name) => [name, await contents(join(place, name))]));
}

describe.each(Object.entries(CASES))('%s', (_, one) => {
  it.each(['a moment', 'the files alone'])('moves aside for %s, and the moment is there', async (what) => {
    const { at, moment, tree } = await momentBefore(one.moment, one.now);
    const before = await contents(join(at.workspace, one.moved));
    const isWhole = what === 'a moment';
    const { lacks } = isWhole ? await restoreWorkspace({ ...at, ...moment }) : await restoreFiles({ ...at, tree });
    const mark = isWhole ? moment.id : tree;
    expect(lacks).toEqual([says(one.moved, mark)]);
    expect(await contents(join(at.workspace, aside(one.moved, mark)))).toEqual(before);
    for (const [name, content] of Object.entries(one.moment)) expect(await text(at, name)).toBe(content);
    // What was moved is as little taken in as it was before.
    const again = await take(at, { limits });
    expect(again).toMatchObject({ tree, lacks: [] });
  });
});

it('a secret, whatever the moment says, and it stays one under its new name', async () => {
  const { at, moment } = await momentBefore({ x: 'x' }, async (site) => {
    await put(site, '.gitignore', '!*\n');
    for (const name of ['.env', 'id_rsa', 'deep/my.pem']) await put(site, name, `${name} SECRET`);
  });
  const forged = { ...moment, moment: { ...moment.moment, withheld: [] } };
  const tree = await treeWith(at, ['.env', 'id_rsa', 'deep/my.pem']);
  const { lacks } = await restoreFiles({ ...at, tree });
  expect(lacks).toHaveLength(3);
  const names = ['.env', 'id_rsa', 'deep/my.pem'].map((name) => aside(name, tree));
  for (const name of names) expect(await text(at, name)).toMatch(/SECRET/);
  await put(at, '.gitignore', '!*\n');
  const taken = await take(at);
  expect(taken.withheld).toEqual(expect.arrayContaining(names));
  expect(await userGit(at.workspace, `--git-dir=${at.gitDir}`, 'ls-tree', '-r', '--name-only', taken.tree)).toBe(
    '.gitignore',
  );
  expect(await restoreWorkspace({ ...at, ...forged })).toEqual({ lacks: [] });
});

/** As another hand might write one. */
async function treeWith(at: Scene, names: readonly string[]): Promise<string> {
  const index = [`--git-dir=${at.gitDir}`, `--work-tree=${at.root}`];
  const id = await userGit(at.root, ...index, 'hash-object', '-w', '--stdin');
  const other = join(at.root, 'other');
  const { stdout } = await execa('git', ['update-index', '--add', '--index-info'], {
    input: names.map((name) => `100644 ${id}\t${name}\n`).join(''),
    env: { GIT_DIR: at.gitDir, GIT_INDEX_FILE: other },
  });
  expect(stdout).toBe('');
  return (await execa('git', ['write-tree'], { env: { GIT_DIR: at.gitDir, GIT_INDEX_FILE: other } })).stdout;
}

it('a file that changed after the last look, where the moment has another one, or none', async () => {
  const { at, moment } = await momentBefore({ f: 'of the moment' }, async (site) => {
    await put(site, 'f', 'seen');
    await put(site, 'g', 'seen');
    await put(site, 'touched', 'seen');
  });
  await put(at, 'f', 'later');
  await put(at, 'g', 'later');
  await put(at, 'touched', 'seen');
  const { lacks } = await restoreWorkspace({ ...at, ...moment });
  expect(lacks).toEqual([says('f', moment.id), says('g', moment.id)]);
  expect(await text(at, 'f')).toBe('of the moment');
  expect([await text(at, aside('f', moment.id)), await text(at, aside('g', moment.id))]).toEqual(['later', 'later']);
  expect((await readdir(at.workspace)).sort()).toEqual(['f', aside('f', moment.id), aside('g', moment.id)].sort());
});

it('what could not be read', async () => {
  const { at, moment } = await momentBefore({ file: 'moment', 'folder/x': 'moment' }, async (site) => {
    await put(site, 'file', 'precious');
    await put(site, 'folder/x', 'precious');
    for (const name of ['file', 'folder']) await chmod(join(site.workspace, name), 0);
  });
  await rm(at.privateDir, { recursive: true });
  const taken = await asSomebody<Taken>(at, { do: 'take', input: { ...at, limits } });
  expect(taken.workspace.omitted).toEqual(['file', 'folder']);
  const { lacks } = await asSomebody<{ lacks: string[] }>(at, { do: 'restore', input: { ...at, ...moment } });
  expect(lacks).toEqual([says('file', moment.id), says('folder/x', moment.id)]);
  expect([await text(at, 'file'), await text(at, 'folder/x')]).toEqual(['moment', 'moment']);
  const moved = ['file', 'folder/x'].map((name) => text(at, aside(name, moment.id)));
  expect(await Promise.all(moved)).toEqual(['precious', 'precious']);
});

/** Root may read everything: it steps aside. */
async function asSomebody<T>(at: Scene, order: object): Promise<T> {
  const source = fileURLToPath(new URL('../support/workspace-program.ts', import.meta.url));
  const program = await bundleProgram(source, join(at.root, 'program'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await execa('chown', ['-R', '65534', at.root]);
  const who = isRoot ? { uid: 65534 } : {};
  const run = talkTo(process.execPath, [program, JSON.stringify(order)], { ...who, cwd: at.root });
  await run.next();
  return (await run.next<{ done: T }>()).done;
}

it('a second time nothing takes the place of what was moved the first time', async () => {
  const { at, moment } = await momentBefore({ log: 'kept' }, (site) => ignoring(site, 'log'));
  for (const content of ['first', 'second']) {
    await ignoring(at, 'log');
    await rm(join(at.workspace, 'log'), { force: true });
    await take(at);
    await put(at, 'log', content);
    await restoreWorkspace({ ...at, ...moment });
  }
  const [one, other] = [moment.id.slice(0, 8), moment.id.slice(8, 16)];
  expect([await text(at, `log.before-${one}`), await text(at, `log.before-${other}`)]).toEqual(['first', 'second']);
});

it('a name of any bytes and of any length', async () => {
  const long = 'l'.repeat(250);
  const { at, moment } = await momentBefore({ [long]: 'kept', 'new\nline/x': 'kept' }, async (site) => {
    await ignoring(site, '*');
    await put(site, long, 'precious');
    await put(site, 'new\nline', 'precious');
  });
  await restoreWorkspace({ ...at, ...moment });
  expect(await text(at, `${long.slice(0, 255 - 16)}.before-${moment.id.slice(0, 8)}`)).toBe('precious');
  expect(await text(at, aside('new\nline', moment.id))).toBe('precious');
});

it('what was written before it was killed is no hindrance, and leaves no trace', async () => {
  const at = await scene();
  await put(at, 'half', 'x'.repeat(9_000));
  await put(at, 'whole', 'whole');
  await put(at, 'begun', 'begun');
  const moment = await commit(at, await take(at));
  for (const name of ['half', 'whole', 'begun']) await rm(join(at.workspace, name));
  await take(at);
  await put(at, 'half', 'x'.repeat(4_000));
  await put(at, 'whole', 'whole');
  await put(at, 'begun', '');
  expect(await restoreWorkspace({ ...at, ...moment })).toEqual({ lacks: [] });
  expect(await text(at, 'half')).toHaveLength(9_000);
  expect((await readdir(at.workspace)).sort()).toEqual(['begun', 'half', 'whole']);
});

describe('the state of a repository', () => {
  it('that no checkpoint holds goes into a folder of its own', async () => {
    const at = await scene();
    await put(at, 'f');
    await userGit(at.workspace, 'init', '-q');
    const moment = await commit(at, await take(at));
    await rm(at.privateDir, { recursive: true });
    await userGit(at.workspace, 'add', '-A');
    await userGit(at.workspace, 'commit', '-qm', 'precious');
    const tip = await userGit(at.workspace, 'rev-parse', 'main');
    const { lacks } = await restoreWorkspace({ ...at, ...moment });
    const folder = `.git/taskrun-before-${moment.id.slice(0, 8)}`;
    expect(lacks).toEqual([`state of the repository that no checkpoint holds gave way: it is now in ${folder}`]);
    expect(await text(at, `${folder}/refs/heads/main`)).toBe(`${tip}\n`);
    expect(await userGit(at.workspace, 'log', '--format=%s', tip)).toBe('precious');
    expect(await userGit(at.workspace, 'status', '--porcelain')).toBe('?? f');
  });

  it('where a file of that name points elsewhere, that file is moved', async () => {
    const at = await scene();
    await put(at, 'f');
    await userGit(at.workspace, 'init', '-q');
    const moment = await commit(at, await take(at));
    await rm(join(at.workspace, '.git'), { recursive: true });
    await put(at, '.git', 'gitdir: /somewhere/else\n');
    await take(at);
    const { lacks } = await restoreWorkspace({ ...at, ...moment });
    expect(lacks).toEqual([says('.git', moment.id)]);
    expect(await text(at, aside('.git', moment.id))).toBe('gitdir: /somewhere/else\n');
    expect(await userGit(at.workspace, 'status', '--porcelain', '--', 'f')).toBe('?? f');
  });
});
