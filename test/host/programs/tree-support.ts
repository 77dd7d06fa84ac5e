// Says whether processes can be found from where it runs.
import { processTreeSupport } from '../../../src/host/process-tree.js';

console.log(JSON.stringify(processTreeSupport()));
