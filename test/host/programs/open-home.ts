// Opens the home it is given and says how that went: for mounts and users that a test can only have in another process.
import { openHome } from '../../../src/host/home.js';

console.log(JSON.stringify(await openHome(process.argv[2] ?? '')));
