// The whole `taskrun` program: every command on it, and what its own --help teaches.
import { registerAnswer } from './answer.js';
import { baseProgram, type Program } from './base-program.js';
import { registerCheckout } from './checkout.js';
import { registerContinue } from './continue.js';
import { registerDemo } from './demo.js';
import { registerDev } from './dev.js';
import { registerDiff } from './diff.js';
import { registerDoctor } from './doctor.js';
import { registerDrop } from './drop.js';
import { registerFinish } from './finish.js';
import { registerFork } from './fork.js';
import { registerGc } from './gc.js';
import { environment, exitCodes, lesson, taskDefaults, workerDefaults } from './help.js';
import { registerLog } from './log.js';
import { registerLs } from './ls.js';
import { registerMark } from './mark.js';
import { registerRestore } from './restore.js';
import { registerResume } from './resume.js';
import { registerRewind } from './rewind.js';
import { registerRun } from './run.js';
import { registerSessions } from './sessions.js';
import { registerShow } from './show.js';
import { registerStart } from './start.js';
import { registerStop } from './stop.js';
import { registerUpdate } from './update.js';
import { registerWorker } from './worker.js';

const COMMANDS: [heading: string, registers: ((program: Program) => void)[]][] = [
  ['Tasks:', [registerRun, registerStart, registerLs, registerShow, registerSessions]],
  ['What a task is told:', [registerUpdate, registerContinue, registerResume, registerAnswer]],
  ['Moments of a task:', [registerLog, registerDiff, registerCheckout, registerMark]],
  ['Going back, going elsewhere:', [registerRestore, registerRewind, registerFork]],
  ['How it ends:', [registerStop, registerDrop, registerFinish]],
  ['What it runs on:', [registerWorker, registerDev, registerDoctor, registerGc, registerDemo]],
];

export function taskrunProgram(): Program {
  const program = baseProgram();
  for (const [heading, registers] of COMMANDS) {
    program.commandsGroup(heading);
    for (const register of registers) register(program);
  }
  return program.addHelpText('after', () =>
    [
      lesson({
        examples: [
          ['taskrun demo', 'see it work, without an account'],
          ['taskrun run "fix the failing tests" --dir .', 'a task from start to result, here'],
          ['taskrun dev', 'server, UI and worker until Ctrl-C'],
          ['taskrun start "…"; taskrun ls', 'start tasks and see them, from another terminal'],
          ['taskrun doctor', 'what is missing, each with its remedy'],
        ],
        next: 'A task outlives this program: a crash, a reboot or a time-out is followed by --continue, an update by --resume.',
      }),
      taskDefaults(),
      workerDefaults(),
      environment(),
      exitCodes(),
    ].join('\n'),
  );
}
