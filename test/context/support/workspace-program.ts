// Takes or restores a workspace in a process of its own, to be killed or to be run as somebody else. Says its outcome.
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { takeWorkspace } from '../../../src/context/workspace/take.js';

type Order =
  | { do: 'take'; input: Parameters<typeof takeWorkspace>[0] }
  | { do: 'restore'; input: Parameters<typeof restoreWorkspace>[0] };

const order: Order = JSON.parse(process.argv[2] ?? '');
console.log(JSON.stringify({ began: true }));
const done = order.do === 'take' ? await takeWorkspace(order.input) : await restoreWorkspace(order.input);
console.log(JSON.stringify({ done }));
