import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { complaintsIn, settingsComplaints } from '../../src/claude/settings-check.js';
import { writeLaunchFiles } from '../../src/claude/settings-file.js';
import { pinnedClaude } from '../support/claude.js';
import { tempDir } from '../support/temp.js';

async function places() {
  const dir = await tempDir('settings');
  return { dir, settings: join(dir, 'deep', 'settings.json'), mcp: join(dir, 'deep', 'mcp.json') };
}

const parsed = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

describe('settings', () => {
  test('of a task that brings none keep transcripts for years', async () => {
    const at = await places();
    expect(await writeLaunchFiles({ places: at })).toEqual({ ok: true, files: { settings: at.settings } });
    expect(await parsed(at.settings)).toEqual({ cleanupPeriodDays: 3650 });
  });

  test('are taken as an object, as JSON text and as a file, over our own', async () => {
    const at = await places();
    const given = { permissions: { deny: ['Bash'] }, cleanupPeriodDays: 9_000 };
    await writeFile(join(at.dir, 'theirs.json'), JSON.stringify(given));
    for (const settings of [given, ` ${JSON.stringify(given)}`, join(at.dir, 'theirs.json')]) {
      expect(await writeLaunchFiles({ settings, places: at })).toMatchObject({ ok: true });
      expect(await parsed(at.settings)).toEqual(given);
    }
  });

  test('lie in files that only their owner reads, also where one lay open', async () => {
    const at = await places();
    const mcpConfig = { mcpServers: {} };
    await writeLaunchFiles({ mcpConfig, places: at });
    await chmod(at.settings, 0o644);
    await writeLaunchFiles({ mcpConfig, places: at });
    for (const path of [at.settings, at.mcp]) expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe('MCP servers', () => {
  test('become a file of their own', async () => {
    const at = await places();
    const mcpConfig = { mcpServers: { files: { command: 'npx', args: ['-y', 'x'] } } };
    const made = await writeLaunchFiles({ mcpConfig: JSON.stringify(mcpConfig), places: at });
    expect(made).toEqual({ ok: true, files: { settings: at.settings, mcpConfig: at.mcp } });
    expect(await parsed(at.mcp)).toEqual(mcpConfig);
  });

  test('without `mcpServers` are refused', async () => {
    const made = await writeLaunchFiles({ mcpConfig: { files: { command: 'npx' } }, places: await places() });
    expect(made).toMatchObject({ ok: false, says: 'claude.mcpConfig: has no object `mcpServers`.' });
  });
});

describe('what is refused names the field and the reason, not the content', () => {
  test.each<[string, string, RegExp]>([
    ['bad JSON', '{"env":{"KEY":"hunter2"', /^claude\.settings: the text given is no JSON/],
    ['a list', '/list.json', /list\.json holds no JSON object\.$/],
    ['a bad file', '/bad.json', /bad\.json is no JSON/],
    ['a missing file', '/missing.json', /missing\.json can't be read on this host \(ENOENT\)\.$/],
    ['a directory', '/', /is not a file\.$/],
    ['a large file', '/large.json', /large\.json is larger than 1 MiB\.$/],
    ['a relative path', 'settings.json', /"settings\.json" is neither a JSON object nor an absolute path\.$/],
  ])('%s', async (_name, given, says) => {
    const at = await places();
    await writeFile(join(at.dir, 'list.json'), '["hunter2"]');
    await writeFile(join(at.dir, 'bad.json'), '{"key": hunter2}');
    await writeFile(join(at.dir, 'large.json'), `{"x":"${'y'.repeat(1024 * 1024)}"}`);
    const made = await writeLaunchFiles({ settings: given.startsWith('/') ? `${at.dir}${given}` : given, places: at });
    expect(made).toMatchObject({ ok: false, says: expect.stringMatching(says) });
    expect(made).toMatchObject({ remedy: expect.stringContaining('absolute path') });
    expect(JSON.stringify(made)).not.toContain('hunter2');
  });
});

describe('what the CLI itself would ignore in silence', () => {
  test('a bad entry is told in its words, a good file is fine', async () => {
    const at = await places();
    await writeLaunchFiles({ settings: { model: 77, permissions: { deny: ['Bash'] } }, places: at });
    expect(await settingsComplaints(pinnedClaude(), at.settings)).toEqual([
      'model: Expected string, but received number',
    ]);
    await writeLaunchFiles({ settings: { permissions: { deny: ['Bash'] } }, places: at });
    expect(await settingsComplaints(pinnedClaude(), at.settings)).toEqual([]);
  });

  test('only lines of the file asked about count', () => {
    const page =
      'Invalid settings\n- /etc/other.json › model: bad\n- /s.json › hooks: bad\n  Suggested fix: …\n\nNext\n';
    expect(complaintsIn(page, '/s.json')).toEqual(['hooks: bad']);
    expect(complaintsIn('no such heading', '/s.json')).toEqual([]);
  });
});
