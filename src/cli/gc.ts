// `taskrun gc`: lets moments go that are older than asked; milestones and heads stay. The store alone is asked.
import { parseDurationMs } from '../contract/duration.js';
import { STORE_DEFAULTS } from '../contract/limits.js';
import type { CommonOptions, Program } from './base-program.js';
import { badInput } from './failure.js';
import { exitCodes, lesson } from './help.js';
import { shortId } from './moments/words.js';
import { openOutput, type Paint } from './output.js';
import { settingsOf } from './settings.js';
import { columns } from './table.js';
import { ago, count } from './words.js';

type Options = CommonOptions & { olderThan: string; dryRun?: boolean };

export function registerGc(program: Program): void {
  program
    .command('gc')
    .summary('let old moments go')
    .description(
      "Removes the moments of all tasks in the store that are older than asked. Heads, milestones and each session's newest moment always stay, also of closed tasks.",
    )
    .option('--older-than <duration>', 'such as 30d or 12h', STORE_DEFAULTS.olderThan)
    .option('--dry-run', 'only tell what would go')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun gc --dry-run', 'what would go'],
          ['taskrun gc --older-than 90d', ''],
        ],
        next: "What nothing names any more is freed a day later at the earliest: a checkpoint may be being written.\nOf a store at a git URL only the names go, and this host's mirror is freed: the space over there is its server's affair.",
      }),
    )
    .addHelpText('after', exitCodes)
    .action((_, self) => gc(self.optsWithGlobals()));
}

async function gc({ olderThan, dryRun = false, ...options }: Options): Promise<void> {
  const olderThanMs = parseDurationMs(olderThan);
  if (olderThanMs === undefined)
    throw badInput(`--older-than: got ${JSON.stringify(olderThan)}; allowed: a duration such as "30d" or "12h"`);
  const out = openOutput(options);
  const settings = settingsOf(options);
  const [{ openKnownStore }, { collectGarbage }] = await Promise.all([
    import('./moments/open-store.js'),
    import('../context/retention.js'),
  ]);
  const store = await openKnownStore(settings);
  const done = await collectGarbage(store, { olderThanMs, nowMs: Date.now(), dryRun });
  out.result(sayDone(done, dryRun, out.paint), { store: store.shown, dryRun, ...done });
}

type Done = { removed: { ref: string; id: string; at: string }[]; kept: number; freedBytes?: number };

function sayDone({ removed, kept, freedBytes }: Done, dryRun: boolean, paint: Paint): string {
  const rows = removed.map(({ ref, id, at }) => {
    const [, , task = '', , kind] = ref.split('/');
    return [shortId(id), ago(at), kind === 'side' ? 'side' : 'line', task.replace(/-[0-9a-f]{20}$/, '')];
  });
  const freed = freedBytes === undefined ? '' : `, ${(freedBytes / 1024 ** 2).toFixed(1)} MiB freed`;
  const sum = `${count(removed.length, 'moment')} ${dryRun ? 'would go' : 'gone'}, ${kept} ${kept === 1 ? 'stays' : 'stay'}${freed}`;
  return rows.length === 0 ? sum : `${columns(paint, ['checkpoint', 'kept', 'where', 'task'], rows)}\n${sum}`;
}
