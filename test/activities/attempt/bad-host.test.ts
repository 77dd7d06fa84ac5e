// What a host can have wrong: a sentence and a class for each, nothing half-done, and the work goes on once it is mended.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptHost } from '../../../src/activities/attempt/host.js';
import type { FaultClass } from '../../../src/contract/fault.js';
import { pinnedClaude } from '../../support/claude.js';
import { conversation, interrupted, lastHeard, processesOf } from './support/oracle.js';
import { type Asked, newSite, type Site, type TaskOnSite, timesDelivered } from './support/site.js';

/** What is wrong, as changes of the worker and of the request. */
type Wrong = (site: Site, task: TaskOnSite) => Promise<{ as?: Partial<AttemptHost>; asked?: Asked }>;

const program = async (site: Site, text: string, mode = 0o755): Promise<{ as: Partial<AttemptHost> }> => {
  const path = join(site.root, 'claude');
  await writeFile(path, text);
  await chmod(path, mode);
  return { as: { claude: path } };
};

async function fileInPlaceOf(path: string): Promise<object> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, 'a file');
  return {};
}

const TABLE: [string, FaultClass, RegExp, Wrong][] = [
  [
    'a directory that is missing',
    'workspace',
    /^source\.dir: .*missing does not exist on this host\.$/,
    async ({ root }) => ({ asked: { workspaceDir: join(root, 'missing') } }),
  ],
  [
    'a file where the directory should be',
    'workspace',
    /^source\.dir: .*file is not a directory\.$/,
    async ({ root }) => {
      await writeFile(join(root, 'file'), '');
      return { asked: { workspaceDir: join(root, 'file') } };
    },
  ],
  [
    'a directory below a file',
    'workspace',
    /ENOTDIR/,
    async ({ root }) => {
      await writeFile(join(root, 'file'), '');
      return { asked: { workspaceDir: join(root, 'file', 'dir') } };
    },
  ],
  [
    'no CLI where it is said to be',
    'cliMissing',
    /does not exist/,
    async () => ({ as: { claude: '/nowhere/claude' } }),
  ],
  [
    'a CLI that may not be executed',
    'cliMissing',
    /may not be executed/,
    (site) => program(site, '#!/bin/sh\n', 0o644),
  ],
  [
    'a program that is no CLI',
    'cliMissing',
    /is not the Claude CLI.*GNU/,
    (site) => program(site, '#!/bin/sh\necho GNU\n'),
  ],
  [
    'an interpreter that is missing',
    'cliMissing',
    /can't be started/,
    (site) => program(site, '#!/no/such/interpreter\n'),
  ],
  [
    'a CLI that is too old',
    'cliTooOld',
    /is Claude Code 2\.0\.1; at least 2\.1\.\d+ is needed/,
    (site) => program(site, '#!/bin/sh\necho "2.0.1 (Claude Code)"\n'),
  ],
  [
    'a file in the place of the attempts',
    'workspace',
    /EEXIST|ENOTDIR/,
    (_site, { place }) => fileInPlaceOf(join(place.root, 'attempts')),
  ],
  [
    'a file in the place of the workspace',
    'workspace',
    /EEXIST|ENOTDIR/,
    (_site, { place }) => fileInPlaceOf(place.workspace),
  ],
  [
    'a file in the place of the claims',
    'workspace',
    /EEXIST|ENOTDIR/,
    (_site, { place }) => fileInPlaceOf(place.claims),
  ],
  [
    'a file in the place of Claude’s config',
    'workspace',
    /ENOTDIR.*claude/,
    (_site, { place }) => fileInPlaceOf(place.claudeConfig),
  ],
  [
    'a config directory that takes no files',
    'workspace',
    /keeps no transcripts/,
    async ({ host }) => {
      const { ANTHROPIC_API_KEY: _, ...env } = host.env;
      return { as: { env: { ...env, CLAUDE_CONFIG_DIR: '/proc/self' } } };
    },
  ],
  [
    'a file in the place of the task documents',
    'workspace',
    /EEXIST|ENOTDIR/,
    async (_site, { workspace }) => {
      await fileInPlaceOf(join(workspace, '.taskrun'));
      return {
        asked: { instruction: { id: randomUUID(), prompt: '[[say ok]]', files: [{ name: 'a', content: '' }] } },
      };
    },
  ],
  [
    'settings that can’t be read',
    'policy',
    /claude\.settings: \/nowhere\/settings\.json can't be read/,
    async () => ({ asked: { claude: { settings: '/nowhere/settings.json' } } }),
  ],
  [
    'settings that Claude would ignore in silence',
    'policy',
    /claude\.settings: Claude would ignore all of it for model: Expected string/,
    async () => ({ asked: { claude: { settings: { model: 77, permissions: { deny: ['Bash'] } } } } }),
  ],
  [
    'permissions bypassed where the worker forbids it',
    'policy',
    /permissionMode: this worker forbids/,
    async () => ({ as: { forbidBypass: true } }),
  ],
];

describe.each(TABLE)('%s', (_name, faultClass, says, wrong) => {
  test(`is the fault ${faultClass} with its sentence, and Claude is told nothing`, async () => {
    const site = await newSite();
    const task = site.task();
    const { as, asked } = await wrong(site, task);
    const request = task.request({ ...asked });
    const report = await site.run(request, {}, as);
    expect(report).toMatchObject({ outcome: 'fault', sent: '', seen: false, delivered: false });
    expect(report.problem).toMatchObject({ class: faultClass, says: expect.stringMatching(says), log: report.log });
    expect(site.api.requests).toEqual([]);
    expect(processesOf(task)).toEqual([]);
  });
});

test('a home that stops taking files between two attempts: a fault, and the work goes on when it takes them again', async () => {
  const site = await newSite();
  const task = site.task();
  const request = await interrupted(site, task, task.request({ prompt: '[[sleep 60s]] [[say went on]]' }));
  const aside = `${task.place.root}-aside`;
  await rename(task.place.root, aside);
  await writeFile(task.place.root, 'in the way');
  expect(await site.run(task.again(request))).toMatchObject({
    outcome: 'fault',
    problem: { class: 'workspace' },
    sent: '',
  });
  await rm(task.place.root);
  await rename(aside, task.place.root);
  expect(await site.run(task.again(request))).toMatchObject({ outcome: 'done', text: 'went on', sent: '--continue' });
  expect(lastHeard(site, request.session.id)).toHaveLength(2);
});

describe('a session’s transcript', () => {
  test('seen and gone: transcriptLost, never a silent fresh start', async () => {
    const site = await newSite();
    const task = site.task();
    const request = task.request({});
    await site.run(request);
    await rm(await task.transcriptPath(request));
    const seen = { ...request.session, seen: true };
    const report = await site.run(task.again(request, { session: seen }));
    expect(report).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'transcriptLost' } });
    expect(report.problem?.says).toContain(request.session.id);
    expect(conversation(site)).toHaveLength(1);
  });

  test('lost while Claude answered: the answer counts, and what follows is no silent fresh start', async () => {
    const site = await newSite();
    const task = site.task();
    const projects = join(task.place.claudeConfig, 'projects');
    const command = `sleep 0.3; rm -rf '${projects}'; touch '${projects}'`;
    const request = task.request({ prompt: `[[tool Bash ${JSON.stringify({ command })}]] [[say done]]` });
    expect(await site.run(request)).toMatchObject({ outcome: 'done', text: 'done', seen: true });
    const update = task.request({ cause: 'update', intention: 'resume', session: { ...request.session, seen: true } });
    expect(await site.run(update)).toMatchObject({ outcome: 'fault', problem: { class: 'workspace' } });
    await rm(projects);
    const next = task.again(update, { intention: 'resume' });
    expect(await site.run(next)).toMatchObject({ outcome: 'fault', problem: { class: 'transcriptLost' } });
    expect(lastHeard(site, request.session.id)).toEqual([request.instruction.prompt]);
  });

  test('torn by a crash, or left without a single message: moved aside, and the session begins anew under its id', async () => {
    const site = await newSite();
    const task = site.task();
    await site.run(task.request({ prompt: '[[say makes the folder]]' }));
    const [empty, queued] = [task.request({ prompt: '[[say one]]' }), task.request({ prompt: '[[say two]]' })];
    await writeFile(await task.transcriptPath(empty), '');
    await writeFile(
      await task.transcriptPath(queued),
      `{"type":"queue-operation","operation":"enqueue","content":"x","uuid":"${queued.instruction.id}"}\n{"type":"us`,
    );
    for (const request of [empty, queued]) {
      const report = await site.run(request);
      expect(report).toMatchObject({ outcome: 'done', sent: `--session-id=${request.session.id}` });
      expect(timesDelivered(await task.transcript(request), request)).toBe(1);
    }
    const folder = join(await task.transcriptPath(empty), '..');
    expect((await readdir(folder)).filter((name) => name.includes('.empty-'))).toHaveLength(2);
  });

  test('of the same id in another directory is another one', async () => {
    const site = await newSite();
    const task = site.task();
    const elsewhere = join(site.root, 'elsewhere');
    await mkdir(elsewhere);
    const first = task.request({ workspaceDir: elsewhere });
    await site.run(first);
    const second = task.request({ session: first.session, prompt: '[[recall]]', line: { since: [] } });
    expect(await site.run(second)).toMatchObject({ outcome: 'done', sent: `--session-id=${first.session.id}` });
    expect(lastHeard(site, first.session.id)).toEqual([second.instruction.prompt]);
    expect(timesDelivered(await task.transcript(first), first)).toBe(1);
  });
});

test('the worker finds a CLI by itself: on PATH, where none is configured', async () => {
  const site = await newSite();
  const bin = join(site.root, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'claude'), `#!/bin/sh\nexec '${pinnedClaude()}' "$@"\n`, { mode: 0o755 });
  const env = { ...site.host.env, PATH: `${bin}:/usr/bin:/bin` };
  expect(await site.run(site.task().request({}), {}, { env, claude: undefined })).toMatchObject({ outcome: 'done' });
});
