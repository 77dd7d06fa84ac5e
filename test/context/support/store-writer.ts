// A writer to be killed: claims a task as it is told, then keeps one checkpoint after the other of a transcript that grows,
// and says what it is about to do and what it has done. Runs as a program of its own.
import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { advance, claimHead, type Writer } from '../../../src/context/store/fence.js';
import { type Lineage, locate } from '../../../src/context/store/locate.js';
import { EMPTY_TREE } from '../../../src/context/store/read.js';
import { openStore } from '../../../src/context/store/store.js';
import type { TaskKey } from '../../../src/context/store/task-ref.js';
import { planTranscripts } from '../../../src/context/transcripts/plan.js';

interface Order {
  home: string;
  task: TaskKey;
  lineage: Lineage;
  writer: Writer;
  folder: string;
}

const order: Order = JSON.parse(process.argv[2] ?? '');
const { home, task, lineage, writer, folder } = order;
const say = (message: object): void => console.log(JSON.stringify(message));

const store = await openStore({ home });
say({ ready: true });
const claimed = await claimHead(store, task, await locate(store, task, lineage), writer);
if (!claimed.ok) throw new Error('refused');
const { fence } = claimed;
say({ claimed: fence.tip });
for (;;) {
  await appendFile(join(folder, `${writer.sessionId}.jsonl`), `${randomBytes(2_000).toString('hex')}\n`);
  const transcripts = await planTranscripts({ folder, known: fence.known?.transcripts ?? [] });
  const nothing = { repositories: [], workspace: { emptyFolders: [], modes: [] }, lacks: [], withheld: [] };
  const { id, where } = await advance(fence, { workspaceTree: EMPTY_TREE, ...nothing, transcripts, during: true });
  say({ kept: id, where, bytes: transcripts.notes[0]?.bytes });
}
