// What can go wrong for a caller, each as a class of its own with a sentence that says what to do.

/** The spec or a command's payload was refused before anything was sent. */
export class InvalidInputError extends Error {
  override name = 'InvalidInputError';
}

/** The task refused the command: the sentence names the field or the reason. Nothing was changed. */
export class CommandRefusedError extends Error {
  override name = 'CommandRefusedError';
}

/** There is no such task, or it is closed and takes no commands. */
export class TaskNotFoundError extends Error {
  override name = 'TaskNotFoundError';
}

/** A task of this id is open already. */
export class TaskAlreadyOpenError extends Error {
  override name = 'TaskAlreadyOpenError';
}

/** No worker answered in time. Signals are still taken, and memo and `describe` still answer. */
export class NoWorkerError extends Error {
  override name = 'NoWorkerError';
}
