// Which files are never kept because of their name. Owns that list alone; what a workspace ignores by its own rules is
// git's business.

/** As for the shell; a folder of that name counts with all that is in it. */
const OWN_NAMES = [
  '.env',
  '.env.*',
  '.credentials.json',
  '.claude.json',
  '.netrc',
  '_netrc',
  '.git-credentials',
  '.npmrc',
  '.pypirc',
  'id_rsa',
  'id_dsa',
  'id_ecdsa*',
  'id_ed25519*',
  '*.pem',
  '*.key',
];
/** A restore moves one aside under such a name. */
const MOVED = '.before-????????';
const NAMES = OWN_NAMES.flatMap((name) => [name, `${name}${MOVED}`]);
/** Says how an environment file looks, without its secrets. */
const EXAMPLES = ['.env*.example', '.env*.sample', '.env*.template', '.env*.dist'];

const toPattern = (name: string): string => name.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
const NAMED = new RegExp(`^(?:${NAMES.map(toPattern).join('|')})$`, 'is');
const EXAMPLE = new RegExp(`^(?:${EXAMPLES.map(toPattern).join('|')})$`, 'is');

export const isSecretName = (name: string): boolean => NAMED.test(name) && !EXAMPLE.test(name);
export const isSecretPath = (path: string): boolean => path.split('/').some(isSecretName);

/** For an exclude file of git. */
export const SECRET_RULES: readonly string[] = [...NAMES, ...EXAMPLES.map((name) => `!${name}`)];

/** For `find`: true of every one of them and of `.git`, of few others, and quick. */
export const PERHAPS_NAMED: readonly string[] = [
  ...['(', '-name', '[._iI]*', '-o', '-name', '*.[pPkK][eE][mMyY]'],
  ...['-o', '-name', `*${MOVED}`, ')'],
];

/** The same for `find`. */
export const SECRET_TEST: readonly string[] = ['(', ...orOf(NAMES), ')', '!', '(', ...orOf(EXAMPLES), ')'];

function orOf(names: readonly string[]): string[] {
  return names.flatMap((name, index) => [...(index === 0 ? [] : ['-o']), '-iname', name]);
}
