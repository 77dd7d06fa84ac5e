// Owns one question: what listens at host:port: a Temporal server, some other program, or nothing?
// Speaks gRPC by hand over plain HTTP/2 (GetSystemInfo and DescribeNamespace take no more than a string), so that the
// host layer needs no SDK. TLS and credentials are not its matter: those addresses are configured, never guessed.
import { type ClientHttp2Session, connect } from 'node:http2';

export type TemporalProbe =
  | { is: 'temporal'; serverVersion?: string }
  | { is: 'otherProgram'; says: string }
  | { is: 'nothing'; says: string };

interface GrpcReply {
  status: string | undefined;
  body: Buffer;
}

const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';
const ABSENT = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ERR_INVALID_URL',
]);
const GRPC = { ok: '0', permissionDenied: '7', unauthenticated: '16' };

/** Says what listens at `address` ("host:port"). Never throws; at most `timeoutMs` (default 2 s) long. */
export async function probeTemporal(address: string, timeoutMs = 2_000): Promise<TemporalProbe> {
  const reply = await call(address, 'GetSystemInfo', Buffer.alloc(0), timeoutMs);
  if (reply instanceof Error) return unanswered(address, reply);
  if (reply.status === GRPC.ok) {
    const serverVersion = stringField(reply.body.subarray(5), 1);
    return { is: 'temporal', ...(serverVersion === undefined ? {} : { serverVersion }) };
  }
  if (reply.status === GRPC.permissionDenied || reply.status === GRPC.unauthenticated) return { is: 'temporal' };
  return {
    is: 'otherProgram',
    says: `${address} answers, but not as Temporal does (gRPC status ${reply.status ?? 'none'})`,
  };
}

/** True once the server at `address` knows `namespace`: from then on workflows can be started in it. */
export async function namespaceAnswers(address: string, namespace: string, timeoutMs = 2_000): Promise<boolean> {
  const name = Buffer.from(namespace, 'utf8');
  if (name.length > 127) throw new RangeError(`a namespace name of ${name.length} bytes; at most 127 are probed`);
  const reply = await call(address, 'DescribeNamespace', Buffer.from([0x0a, name.length, ...name]), timeoutMs);
  return !(reply instanceof Error) && reply.status === GRPC.ok;
}

function unanswered(address: string, error: Error): TemporalProbe {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (ABSENT.has(code)) return { is: 'nothing', says: `nothing listens at ${address} (${code})` };
  return { is: 'otherProgram', says: `${address} is taken by a program that is not Temporal (${error.message})` };
}

function call(address: string, method: string, request: Buffer, timeoutMs: number): Promise<GrpcReply | Error> {
  const url = parseAddress(address);
  if (url === null) return Promise.resolve(Object.assign(new Error('not an address'), { code: 'ERR_INVALID_URL' }));
  return new Promise((resolve) => {
    const session = connect(url);
    const settle = (outcome: GrpcReply | Error) => {
      clearTimeout(timer);
      resolve(outcome);
      session.destroy();
    };
    const timer = setTimeout(() => settle(silence(session)), timeoutMs);
    session.on('error', settle);
    session.on('close', () => settle(new Error('it closed the connection')));
    session.once('connect', () => send(session, `${SERVICE}/${method}`, request, settle));
  });
}

function parseAddress(address: string): URL | null {
  try {
    return new URL(`http://${address}`);
  } catch {
    return null;
  }
}

/** A packet that is swallowed means nobody is there; a connection that stays mute is somebody else's. */
function silence(session: ClientHttp2Session): Error {
  if (session.connecting) return Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
  return new Error('it accepts connections and says nothing');
}

function send(session: ClientHttp2Session, path: string, request: Buffer, settle: (reply: GrpcReply | Error) => void) {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const reply: GrpcReply = { status: undefined, body: Buffer.alloc(0) };
  let answered = false;
  const take = (headers: Record<string, unknown>) => {
    if (typeof headers['grpc-status'] === 'string') reply.status = headers['grpc-status'];
  };
  stream.on('response', (headers) => {
    answered = true;
    take(headers);
  });
  stream.on('trailers', take);
  stream.on('data', (chunk: Buffer) => {
    reply.body = Buffer.concat([reply.body, chunk]);
  });
  stream.on('error', settle);
  stream.on('end', () => settle(answered ? reply : new Error('it closed the connection without an answer')));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  stream.end(Buffer.concat([head, request]));
}

/** The first length-delimited protobuf field of that number, read as text; varints are skipped, anything else ends the search. */
function stringField(message: Buffer, wanted: number): string | undefined {
  let at = 0;
  while (at < message.length) {
    const tag = message[at] ?? 0;
    const length = message[at + 1] ?? 0;
    if ((tag & 7) !== 2 || length > 127) return undefined;
    if (tag >> 3 === wanted) return message.toString('utf8', at + 2, at + 2 + length);
    at += 2 + length;
  }
  return undefined;
}
