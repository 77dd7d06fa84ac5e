// Looks through a workspace with one `find` for all that git would lose, refuse or run into: repositories, secrets by
// name, empty folders, odd modes, large files, pipes and sockets. Reads names and inodes only. What is ignored by the
// workspace's own rules is among the findings; the caller sorts that out.
import { execa } from 'execa';
import type { RawPath } from './raw-path.js';
import { joined, parentOf, rawOf } from './raw-path.js';
import { PERHAPS_NAMED, SECRET_TEST } from './secrets.js';

export type Scan = {
  /** Ordinary files and links, ignored ones included, and their size. */
  files: number;
  bytes: number;
  gitEntries: { folder: RawPath; name: string; type: string }[];
  secrets: RawPath[];
  emptyFolders: RawPath[];
  oddModes: { path: RawPath; mode: number; folder: boolean }[];
  large: { path: RawPath; bytes: number }[];
  /** Files called HEAD: there may be a bare repository. */
  heads: RawPath[];
  /** Pipes, sockets, devices. */
  specials: RawPath[];
  /** Some folder could not be read. */
  troubled: boolean;
};

export async function scanWorkspace(input: {
  workspace: string;
  fileBytes: number;
  umask: number;
  signal?: AbortSignal;
}): Promise<Scan> {
  const done = await execa('find', [input.workspace, '-mindepth', '1', ...expression(input)], {
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    extendEnv: false,
    encoding: 'buffer',
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    maxBuffer: 2 ** 30,
    ...(input.signal === undefined ? {} : { cancelSignal: input.signal }),
  });
  input.signal?.throwIfAborted();
  if (done.exitCode === undefined) throw new Error(`find: ${done.shortMessage ?? 'did not run'}`);
  return readScan(Buffer.from(done.stdout), input, done.exitCode !== 0);
}

function expression(input: { fileBytes: number; umask: number }): string[] {
  const plain = (base: number): string => (base & ~input.umask).toString(8);
  const fits = ['-size', `-${input.fileBytes + 1}c`];
  return [
    // Told apart, and then looked at like any other.
    ...['(', '-name', 'HEAD', '-type', 'f', '-printf', 'h %P\\0', '-false', ')'],
    ...['-o', '(', ...PERHAPS_NAMED, '(', '-iname', '.git', '-printf', 'g%y %P\\0', '-prune'],
    ...['-o', ...SECRET_TEST, '-printf', 'w %P\\0', '-prune', ')', ')'],
    ...['-o', '(', '-type', 'f', '(', '-perm', plain(0o666), '-o', '-perm', plain(0o777), ')', ...fits],
    ...['-printf', '+%s\\0', ')'],
    ...['-o', '(', '-type', 'l', '-printf', '+0\\0', ')'],
    ...['-o', '(', '-type', 'd', '-empty', '-printf', 'e%m %P\\0', ')'],
    ...['-o', '(', '-type', 'd', '-perm', plain(0o777), ')'],
    ...['-o', '-printf', '%y%m %s %P\\0'],
  ];
}

/** A sign that is no type of file to `find`. */
const ORDINARY = '+'.charCodeAt(0);

function readScan(output: Buffer, input: { fileBytes: number; umask: number }, troubled: boolean): Scan {
  const scan: Scan = {
    files: 0,
    bytes: 0,
    gitEntries: [],
    secrets: [],
    emptyFolders: [],
    oddModes: [],
    large: [],
    heads: [],
    specials: [],
    troubled,
  };
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    if (output[start] === ORDINARY) {
      scan.files += 1;
      scan.bytes += Number(output.toString('latin1', start + 1, end));
    } else readFinding(scan, rawOf(output.subarray(start, end)), input);
    start = end + 1;
  }
  return scan;
}

function readFinding(scan: Scan, line: string, input: { fileBytes: number; umask: number }): void {
  const kind = line.charAt(0);
  const space = line.indexOf(' ');
  const word = line.slice(1, space);
  const rest = line.slice(space + 1);
  if (kind === 'g') {
    const folder = parentOf(rest);
    scan.gitEntries.push({ folder, name: folder === '.' ? rest : rest.slice(folder.length + 1), type: word });
  } else if (kind === 'w') scan.secrets.push(rest);
  else if (kind === 'h') scan.heads.push(rest);
  else if (kind === 'e') readEmptyFolder(scan, rest, Number.parseInt(word, 8), input.umask);
  else readOdd(scan, kind, Number.parseInt(word, 8), rest, input.fileBytes);
}

function readEmptyFolder(scan: Scan, path: RawPath, mode: number, umask: number): void {
  scan.emptyFolders.push(path);
  if (mode !== (0o777 & ~umask)) scan.oddModes.push({ path, mode, folder: true });
}

function readOdd(scan: Scan, type: string, mode: number, rest: string, fileBytes: number): void {
  const space = rest.indexOf(' ');
  const bytes = Number(rest.slice(0, space));
  const path = rest.slice(space + 1);
  if (type !== 'f' && type !== 'd') {
    scan.specials.push(path);
    return;
  }
  const large = type === 'f' && bytes > fileBytes;
  if (large) scan.large.push({ path, bytes });
  else if (type === 'f') {
    scan.files += 1;
    scan.bytes += bytes;
  }
  // A large file of an ordinary mode comes this way too; its mode says nothing and does no harm.
  if (!large) scan.oddModes.push({ path, mode, folder: type === 'd' });
}

export const gitEntryPath = (entry: { folder: RawPath; name: string }): RawPath => joined(entry.folder, entry.name);
