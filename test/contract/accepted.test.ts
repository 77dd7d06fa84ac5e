// What the contract takes, and what becomes of it: nothing added, nothing lost.
import { describe, expect, test } from 'vitest';
import { commandPayloads } from '../../src/contract/commands.js';
import { parseAs } from '../../src/contract/parse.js';
import { taskSpec } from '../../src/contract/spec.js';

const FULL_SPEC = {
  prompt: 'Fix the build',
  title: 'Build',
  service: 'ci',
  requestedBy: 'ana@example.org',
  source: { dir: '/srv/repo', inPlace: true },
  files: [{ name: 'notes/brief.md', content: '# Brief' }],
  claude: {
    model: 'opus',
    permissionMode: 'plan',
    allowedTools: ['Bash(git *)', 'Edit'],
    disallowedTools: ['WebFetch'],
    mcpConfig: { mcpServers: { a: { command: 'x', args: ['y'], env: { K: 'v' } } } },
    appendSystemPrompt: 'Be brief.',
    settings: '{"env":{}}',
    maxTurns: 40,
    addDirs: ['/srv/other'],
  },
  limits: { attemptTimeout: '90s', silenceTimeout: '2h', attempts: 3, closeAfterIdle: '7d' },
  onFileConflict: 'keep',
  priority: 1,
  close: 'when-done',
};

describe('a spec', () => {
  test('only the prompt is required', () => {
    expect(parseAs(taskSpec, { prompt: 'p' }, 'spec')).toEqual({ ok: true, value: { prompt: 'p' } });
  });

  test('every field that is served comes out as it went in', () => {
    expect(parseAs(taskSpec, FULL_SPEC, 'spec')).toEqual({ ok: true, value: FULL_SPEC });
  });
});

describe('where a task may start from', () => {
  test.each([
    [{ source: { git: 'https://example.org/app.git' } }],
    [{ source: { git: 'git@example.org:team/app.git', ref: 'release/1.x' } }],
    [{ source: { git: 'ssh://git@example.org:2222/app.git', ref: 'v1.0' } }],
    [{ source: { git: 'ssh://ana@example.org/app.git' } }],
    [{ source: { git: 'file:///srv/app.git' } }],
    [{ source: { git: '/srv/app.git', ref: 'HEAD' } }],
    [{ source: { git: 'git://example.org/app.git', ref: '0123456789abcdef0123456789abcdef01234567' } }],
    [{ source: { dir: '/srv/repo' } }],
    [{ source: { dir: '/srv/repo', inPlace: false } }],
    [{ from: { taskId: 'nightly/2026-01-05:7' } }],
    [{ from: { taskId: 't', sessionId: 's', checkpoint: 'green' }, setupCommand: 'npm ci' }],
    [{ from: { taskId: 't' }, source: { git: 'https://example.org/app.git' } }],
    [{ onFileConflict: 'merge' }],
  ])('%j', (more) => {
    const spec = { prompt: 'p', ...more };
    expect(parseAs(taskSpec, spec, 'spec')).toEqual({ ok: true, value: spec });
  });
});

describe('a command', () => {
  test.each([
    ['update', { prompt: 'p' }],
    ['update', { prompt: 'p', sessionId: 's', when: 'interrupt', onFileConflict: 'keep', id: 'i', requestedBy: 'me' }],
    ['update', { prompt: 'p', newSession: true, files: [{ name: 'a', content: '' }] }],
    ['update', { prompt: 'p', newSession: false, sessionId: 's', when: 'queue' }],
    ['continue', {}],
    ['continue', { id: 'x', requestedBy: 'me' }],
    ['resume', {}],
    ['resume', { sessionId: 's', prompt: 'p', onFileConflict: 'keep' }],
    ['resume', { checkpoint: 'before the rewrite', onFileConflict: 'merge' }],
    ['resume', { checkpoint: '0123abc', onFileConflict: 'ask' }],
    ['answer', { pick: 'restore' }],
    ['fork', { prompt: 'p' }],
    ['fork', { prompt: 'p', sessionId: 's', checkpoint: '0123abc', taskId: 'other/task:1' }],
    ['mark', { label: 'v1.0 漢字' }],
    ['mark', { label: 'green/build #7: @ana' }],
    ['answer', { pick: 2 }],
    ['answer', { pick: '2' }],
    ['answer', { pick: '0b6f6d3e-38a5-4b6c-9f0b-0d6f3f0a9f11' }],
    ['stop', {}],
    ['stop', { reason: 'lunch' }],
    ['drop', { command: 'c-1' }],
    ['finish', {}],
    ['finish', { summary: 'merged' }],
  ] as const)('%s %j comes out as it went in', (name, payload) => {
    expect(parseAs(commandPayloads[name], payload, name)).toEqual({ ok: true, value: payload });
  });
});
