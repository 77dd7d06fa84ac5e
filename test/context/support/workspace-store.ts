// A store, a workspace and a moment of it, made with plain git: what stands around taking and restoring files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { git } from '../../../src/context/git.js';
import type { MomentAt } from '../../../src/context/moment.js';
import { moment } from '../../../src/context/moment.js';
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import type { TakeInput, Taken } from '../../../src/context/workspace/take.js';
import { takeWorkspace } from '../../../src/context/workspace/take.js';
import { tempDir } from '../../support/temp.js';

export type Scene = { root: string; gitDir: string; workspace: string; privateDir: string };

export async function scene(): Promise<Scene> {
  const root = await tempDir('workspace');
  const gitDir = join(root, 'store.git');
  await mkdir(gitDir);
  await git({ gitDir, args: ['init', '--quiet', '--bare', '--template='] });
  await mkdir(join(gitDir, 'info'), { recursive: true });
  await writeFile(join(gitDir, 'info', 'attributes'), '* -text -eol -ident -filter -working-tree-encoding\n');
  const workspace = join(root, 'w');
  await mkdir(workspace);
  return { root, gitDir, workspace, privateDir: join(root, 'private') };
}

export const take = (at: Scene, more: Partial<TakeInput> = {}): Promise<Taken> => takeWorkspace({ ...at, ...more });

/** One commit as the store keeps it, without transcripts. */
export async function commit(at: Scene, taken: Taken): Promise<MomentAt> {
  const tree = (lines: string[]): Promise<string> =>
    line(at.gitDir, ['mktree'], lines.map((one) => `${one}\n`).join(''));
  const states = taken.repositories.map(({ stateTree }, n) => `040000 tree ${stateTree}\t${n}`);
  const entries = [`040000 tree ${taken.tree}\tworkspace`];
  if (states.length > 0) entries.push(`040000 tree ${await tree(states)}\tgit`);
  const anchors = [...new Set(taken.repositories.flatMap(({ anchor }) => anchor ?? []))];
  const who = 'taskrun <taskrun@localhost> 0 +0000';
  const parents = anchors.map((anchor) => `parent ${anchor}\n`).join('');
  const text = `tree ${await tree(entries)}\n${parents}author ${who}\ncommitter ${who}\n\nmoment\n`;
  const id = await line(at.gitDir, ['hash-object', '-w', '-t', 'commit', '--stdin'], text);
  return { id, moment: describe(taken) };
}

/** Read back as from `checkpoint.json`. */
function describe(taken: Taken): MomentAt['moment'] {
  const value = {
    version: 1,
    kind: 'checkpoint',
    task: { namespace: 'default', taskId: 't', incarnation: 'i' },
    attempt: { id: 'a', number: 1 },
    token: 1,
    host: 'h',
    at: '2026-01-01T00:00:00.000Z',
    sessionId: 's',
    during: false,
    filesFrom: [],
    workspace: taken.workspace,
    repositories: taken.repositories.map(({ notes }) => notes),
    transcripts: [],
    lacks: taken.lacks,
    withheld: taken.withheld,
  };
  return moment.parse(JSON.parse(JSON.stringify(value)));
}

const line = async (gitDir: string, args: string[], input: string): Promise<string> =>
  (await git({ gitDir, args, input })).toString('latin1').trim();

/** Elsewhere: a store that has nothing but what the one commit leads to, another path, another private folder. */
export async function restoreElsewhere(at: Scene, { id, moment: what }: MomentAt, name = 'elsewhere'): Promise<string> {
  const far = join(at.root, `${name}.git`);
  await git({ gitDir: at.gitDir, args: ['update-ref', 'refs/heads/moment', id] });
  await mkdir(far);
  await git({ gitDir: far, args: ['init', '--quiet', '--bare', '--template='] });
  await mkdir(join(far, 'info'), { recursive: true });
  await writeFile(join(far, 'info', 'attributes'), '* -text -eol -ident -filter -working-tree-encoding\n');
  await git({
    gitDir: far,
    args: ['fetch', '--quiet', at.gitDir, '+refs/heads/moment:refs/heads/moment'],
    remote: true,
  });
  const workspace = join(at.root, name);
  const { lacks } = await restoreWorkspace({
    gitDir: far,
    workspace,
    privateDir: join(at.root, `${name}-private`),
    id,
    moment: what,
  });
  if (lacks.length > 0) throw new Error(lacks.join('\n'));
  return workspace;
}

/** A person's git in a workspace: nothing of this machine's configuration. */
export async function userGit(cwd: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_EDITOR: 'true',
    GIT_AUTHOR_NAME: 'u',
    GIT_AUTHOR_EMAIL: 'u@u',
    GIT_COMMITTER_NAME: 'u',
    GIT_COMMITTER_EMAIL: 'u@u',
    LC_ALL: 'C',
  };
  const settings = ['protocol.file.allow=always', 'init.defaultBranch=main', 'maintenance.auto=false', 'gc.auto=0'];
  const all = [...settings.flatMap((one) => ['-c', one]), ...args];
  const done = await execa('git', all, { cwd, env, extendEnv: false, reject: false, stdin: 'ignore' });
  return `${done.stdout}${done.exitCode === 0 ? '' : `\n[${done.exitCode}] ${done.stderr}`}`;
}
