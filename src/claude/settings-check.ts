// What the CLI itself finds wrong with a settings file. Worth asking whenever a task brings its own: in `-p` mode a
// file with one bad entry is ignored whole and in silence, its deny rules included. Starts `claude doctor`, about a second.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const CHECK_TIMEOUT_MS = 30_000;
/** Nothing listens there: doctor's own look at the network ends at once instead of after its time-outs. */
const NOWHERE = 'http://127.0.0.1:9';

const remembered = new Map<string, string[]>();

/** One sentence for each bad entry, in the CLI's words; none when all is well or the CLI doesn't say. */
export async function settingsComplaints(claudePath: string, settingsFile: string): Promise<string[]> {
  const key = `${claudePath}\n${await readFile(settingsFile, 'utf8')}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const complaints = complaintsIn(await askDoctor(claudePath, settingsFile), settingsFile);
  if (remembered.size > 100) remembered.clear();
  remembered.set(key, complaints);
  return complaints;
}

/** From doctor's page: the lines `- <file> › <what>` under "Invalid settings". */
export function complaintsIn(page: string, settingsFile: string): string[] {
  const mark = `- ${settingsFile} › `;
  return page
    .split('\n')
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length).trim());
}

async function askDoctor(claudePath: string, settingsFile: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'taskrun-doctor-'));
  try {
    const { stdout } = await execa(claudePath, [`--settings=${settingsFile}`, 'doctor'], {
      cwd: home,
      extendEnv: false,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        CLAUDE_CONFIG_DIR: home,
        ANTHROPIC_BASE_URL: NOWHERE,
        ANTHROPIC_API_KEY: 'none',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
      },
      stdin: 'ignore',
      reject: false,
      timeout: CHECK_TIMEOUT_MS,
    });
    return stdout ?? '';
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
