// Owns what a served namespace must be told once it answers, through the server's own CLI: search attributes and how
// long closed tasks are kept. `start-dev` takes both only for a new database file, so they are given each time anew.
import { execa } from 'execa';

export type SearchAttributeType = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

export interface Setup {
  binary: string;
  address: string;
  namespace: string;
  searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  /** How long a closed task can still be read and picked up from. */
  retentionHours?: number;
}

/** Returns a sentence for each thing that could not be set; none of them keeps a task from working. */
export async function setUpNamespace(setup: Setup): Promise<string[]> {
  const attributes = await registerAll(setup);
  return [...attributes, ...(await setRetention(setup))];
}

/** All at once (0.1 s); one by one only when one of them is known with another type, so that the others still come in. */
async function registerAll(setup: Setup): Promise<string[]> {
  const wanted = Object.entries(setup.searchAttributes);
  if (wanted.length === 0 || (await register(setup, wanted)) === undefined) return [];
  const notes: string[] = [];
  for (const [name, type] of wanted) {
    const why = await register(setup, [[name, type]]);
    if (why !== undefined) notes.push(`The search attribute ${name} (${type}) could not be registered: ${why}`);
  }
  return notes;
}

function register(setup: Setup, wanted: [string, SearchAttributeType][]): Promise<string | undefined> {
  const named = wanted.flatMap(([name, type]) => ['--name', name, '--type', type]);
  return operator(setup, ['search-attribute', 'create', ...named]);
}

async function setRetention(setup: Setup): Promise<string[]> {
  if (setup.retentionHours === undefined) return [];
  const why = await operator(setup, ['namespace', 'update', '--retention', `${setup.retentionHours}h`]);
  return why === undefined ? [] : [`Closed tasks are kept for the server's default time only: ${why}`];
}

/** Undefined when it worked, else the CLI's words. Nothing is inherited: a key or TLS setting is meant for another server. */
async function operator({ binary, address, namespace }: Setup, args: string[]): Promise<string | undefined> {
  const target = ['--address', address, '--namespace', namespace];
  const ran = await execa(binary, ['operator', ...args, ...target], {
    reject: false,
    timeout: 15_000,
    extendEnv: false,
    env: {},
    stdin: 'ignore',
  });
  return ran.failed ? ran.stderr.trim() || ran.shortMessage || 'it failed' : undefined;
}
