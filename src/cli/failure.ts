// How a command ends that can't do what was asked: an exit code and a sentence with what to do. Errors of the client,
// the worker and gRPC are told apart here; what nobody expected keeps its message and loses its stack.
import {
  CommandRefusedError,
  InvalidInputError,
  NoWorkerError,
  TaskAlreadyOpenError,
  TaskNotFoundError,
} from '../client/errors.js';
import { EXIT } from '../contract/exit-codes.js';
import { StartRefused } from '../worker/refusal.js';

export class CliFailure extends Error {
  override name = 'CliFailure';
  constructor(
    readonly exitCode: number,
    says: string,
    options?: ErrorOptions,
  ) {
    super(says, options);
  }
}

export const badInput = (says: string): CliFailure => new CliFailure(EXIT.usage, says);
export const unreachable = (says: string): CliFailure => new CliFailure(EXIT.unreachable, says);

/** The exit code of whoever leaves at once by Ctrl-C, as shells know it. */
export const LEFT_AT_ONCE = 130;

export type Target = { address: string; namespace: string };

/** Any error as one of ours; `target` is the server that was spoken to. */
export function asFailure(error: unknown, target?: Target): CliFailure {
  if (error instanceof CliFailure) return error;
  const says = error instanceof Error ? error.message : String(error);
  const code = exitCodeOf(error);
  if (code !== undefined) return new CliFailure(code, says, { cause: error });
  const [exitCode, sentence] = serverTrouble(error, target) ?? [EXIT.failed, `That went wrong unexpectedly: ${says}`];
  return new CliFailure(exitCode, sentence, { cause: error });
}

function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof StartRefused) return error.exitCode;
  if (error instanceof NoWorkerError) return EXIT.unreachable;
  if (error instanceof InvalidInputError) return EXIT.usage;
  if (error instanceof TaskNotFoundError || error instanceof TaskAlreadyOpenError) return EXIT.failed;
  // A refusal that names a field is about the input; any other is about the state the task is in.
  if (error instanceof CommandRefusedError) return /^\w+\.\w+/.test(error.message) ? EXIT.usage : EXIT.failed;
  return ofMoments(error);
}

/** By name: the classes would bring the whole store along. */
function ofMoments(error: unknown): number | undefined {
  if (isNamed(error, 'UnknownMoment') || isNamed(error, 'CheckoutRefused')) return EXIT.usage;
  if (!isNamed(error, 'StoreError')) return undefined;
  const { kind } = error as Error & { kind?: unknown };
  return kind === 'unreachable' || kind === 'timedOut' ? EXIT.unreachable : EXIT.usage;
}

const GRPC = { deadlineExceeded: 4, notFound: 5, permissionDenied: 7, unavailable: 14, unauthenticated: 16 } as const;

/** No answer from the server, which may come back. */
export const isUnavailable = (error: unknown): boolean => {
  const code = grpcCodeOf(error);
  return code === GRPC.unavailable || code === GRPC.deadlineExceeded;
};

/** The server answers and doesn't let this client in. */
export const isTurnedAway = (error: unknown): boolean => {
  const code = grpcCodeOf(error);
  return code === GRPC.permissionDenied || code === GRPC.unauthenticated;
};

function serverTrouble(error: unknown, target?: Target): [exitCode: number, says: string] | undefined {
  const at = target === undefined ? 'The Temporal server' : `The Temporal server at ${target.address}`;
  if (isUnavailable(error))
    return [EXIT.unreachable, `${at} does not answer any more. See whether it runs: taskrun doctor`];
  if (isTurnedAway(error))
    return [
      EXIT.failed,
      `${at} refuses this client: ${detailsOf(error)}. Mend the key or certificate in Temporal's settings.`,
    ];
  if (grpcCodeOf(error) !== GRPC.notFound && !isNamed(error, 'NamespaceNotFoundError')) return undefined;
  const namespace = target?.namespace ?? 'default';
  return [EXIT.failed, `${at} does not know namespace "${namespace}". Create it, or name another with --namespace.`];
}

/** By name: its class would bring Temporal's client along, which help and refusals do without. */
const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** gRPC's status, of the error or of the one that caused it. */
function grpcCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === 'number' ? code : grpcCodeOf(error.cause);
}

function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { details } = error as { details?: unknown };
  if (typeof details === 'string' && details !== '') return details;
  return error.cause === undefined ? error.message : detailsOf(error.cause);
}
