// What tests of checkpoints ask of a site: hosts with one store, the refs of that store, a host that is lost with what
// nobody has heard of.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptHost } from '../../../../src/activities/attempt/host.js';
import { listRefs } from '../../../../src/context/store/read.js';
import { openStore } from '../../../../src/context/store/store.js';
import type { AttemptReport } from '../../../../src/contract/attempt.js';
import type { TaskPlace } from '../../../../src/host/task-place.js';
import { hostOf, type LocalTask } from './local-task.js';
import { newSite, type Site } from './site.js';

export const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;

export type Hosts = { site: Site; a: AttemptHost; b: AttemptHost; store: string };

export async function twoHosts(changes: Partial<AttemptHost> = {}): Promise<Hosts> {
  const site = await newSite(changes);
  const store = join(site.root, 'store.git');
  return { site, a: await hostOf(site, 'host-a', store), b: await hostOf(site, 'host-b', store), store };
}

/** `kind`: side, moments, marks or head. */
export async function refsOf({ site, store }: Pick<Hosts, 'site' | 'store'>, kind: string) {
  const refs = await listRefs(await openStore({ configured: store, home: site.root }), 'refs/taskrun/');
  return refs.filter(({ ref }) => `${ref}/`.includes(`/${kind}/`));
}

/**
 * An attempt that came to its end, of which the workflow only hears that its host is lost. The host's name is the next
 * one's: nobody waits for what a cut-off host could still do (one-writer.test.ts).
 */
export async function unheard(
  { site }: Pick<Hosts, 'site'>,
  task: LocalTask,
  host: AttemptHost,
  seen: Partial<AttemptReport> = { seen: true, delivered: true, host: 'host-b' },
): Promise<AttemptReport> {
  const request = task.launch();
  const report = await site.run(request, {}, host);
  task.lost(request, host, seen);
  return report;
}

/** What lies in a task's own configuration directory as transcripts, or stepped aside there. */
export async function transcriptsOf({ claudeConfig }: TaskPlace): Promise<{ name: string; text: string }[]> {
  const folder = join(claudeConfig, 'projects');
  const names = await readdir(folder, { recursive: true });
  const transcripts = names.filter((name) => name.includes('.jsonl'));
  return Promise.all(transcripts.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
}
