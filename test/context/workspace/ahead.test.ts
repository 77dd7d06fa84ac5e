// A workspace large enough to be read while it is still being looked through: what is taken is what a first look takes.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { commit, type Scene, scene, take, userGit } from '../support/workspace-store.js';

const ENOUGH = 2_100;

async function put(at: Scene, name: string, content = name): Promise<void> {
  await mkdir(dirname(join(at.workspace, name)), { recursive: true });
  await writeFile(join(at.workspace, name), content);
}

const CHANGES: Record<string, (at: Scene) => Promise<unknown>> = {
  'nothing but files': (at) => put(at, 'd1/f1', 'changed'),
  'a document of the task': (at) => put(at, '.taskrun/more.md'),
  'a document that went': (at) => rm(join(at.workspace, '.taskrun/task.md')),
  'a file that is ignored but tracked': async (at) => {
    await put(at, 'r/log');
    await userGit(join(at.workspace, 'r'), 'add', '-f', 'log');
  },
  'the configuration of a bare repository': (at) => put(at, 'b.git/config', '[remote "o"]\n\turl = https://t@h/x\n'),
  'a secret': (at) => put(at, 'd2/.env'),
  'a rule': (at) => put(at, 'r/.git/info/exclude', 'f\n'),
  'a new repository': async (at) => {
    await put(at, 'n/x');
    await userGit(join(at.workspace, 'n'), 'init', '-q');
  },
  'permissions alone': (at) => chmod(join(at.workspace, 'd3/f3'), 0o600),
};

it('after any change', async () => {
  const at = await scene();
  for (let n = 0; n < ENOUGH; n += 1) await put(at, `d${n % 20}/f${n}`);
  await put(at, '.taskrun/.gitignore', '*\n');
  await put(at, '.taskrun/task.md');
  await put(at, '.gitignore', 'log\n');
  await put(at, 'r/f');
  await userGit(join(at.workspace, 'r'), 'init', '-q');
  await userGit(at.workspace, 'init', '-q', '--bare', 'b.git');
  let known = await take(at);
  const first = await commit(at, known);
  const { tree } = known;
  for (const [what, change] of Object.entries(CHANGES)) {
    await change(at);
    known = await take(at, { known });
    const { repositories, ...anew } = await take({ ...at, privateDir: join(at.root, what) });
    expect({ what, ...known, repositories: [] }).toEqual({ what, ...anew, repositories: [] });
    expect(known.repositories.map(({ stateTree }) => stateTree)).toEqual(repositories.map((one) => one.stateTree));
  }
  await restoreWorkspace({ ...at, ...first });
  expect((await take(at)).tree).toBe(tree);
});
