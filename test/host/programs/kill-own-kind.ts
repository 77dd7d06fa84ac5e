// Carries a marker itself and kills all who carry it: what is left of it says how that went.
import { killMarked } from '../../../src/host/process-tree.js';

const [name = '', value = ''] = process.argv.slice(2);
console.log(JSON.stringify(await killMarked(name, value)));
