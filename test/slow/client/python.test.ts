// A service in another language: Python's own Temporal client, fresh from its registry, does what the README shows with
// one dict and names typed by hand. Slow: it installs a package.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../support/temp.js';
import { useWorld } from '../../support/workflow-world.js';

const PROGRAM = `
import asyncio, json, sys
from temporalio.client import Client, WorkflowUpdateFailedError

async def main(address, task_id):
    client = await Client.connect(address)
    task = await client.start_workflow(
        "taskRun", {"prompt": "first", "close": "when-done"}, id=task_id, task_queue="taskrun"
    )
    answer = await task.execute_update("update", {"prompt": "also the changelog", "id": "changelog-1"})
    again = await task.execute_update("update", {"prompt": "sent twice", "id": "changelog-1"})
    try:
        await task.execute_update("update", {"promt": "a typing error"})
        refused = None
    except WorkflowUpdateFailedError as error:
        refused = error.cause.message
    view = await task.query("task")
    print(json.dumps({"answer": answer, "again": again, "refused": refused, "phase": view["phase"]}), flush=True)
    print(json.dumps(await task.result()), flush=True)

asyncio.run(main(*sys.argv[1:]))
`;

/** Debian ships Python without `venv` in it: then there is nothing to try here. */
const venv = await execa('python3', ['-c', 'import venv, ensurepip'], { reject: false });
const why = venv.failed ? ' (skipped: python3 -m venv does not work here)' : '';

const at = useWorld({ cached: 100, worker: !venv.failed });

describe.skipIf(venv.failed)(`a Python service${why}`, () => {
  it('starts a task with a dict, updates it, asks it and reads the result', async () => {
    const dir = await tempDir('python');
    const python = join(dir, 'venv/bin/python');
    await execa('python3', ['-m', 'venv', join(dir, 'venv')]);
    await execa(python, ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', 'temporalio']);
    const program = join(dir, 'service.py');
    await writeFile(program, PROGRAM);

    const { server, attempts } = at.world;
    const running = execa(python, [program, server.address, 'nightly']);
    const first = await attempts.launched('nightly', 1, 60_000);
    // It works until the service has said what it wants.
    for await (const line of running) {
      const said: unknown = JSON.parse(line);
      if (first.ended) expect(said).toMatchObject({ text: 'did it' });
      else {
        const answer = { commandId: 'changelog-1', instructionId: expect.any(String), contextVersion: 2, position: 1 };
        expect(said).toEqual({
          answer,
          again: answer,
          refused: expect.stringContaining('update.promt'),
          phase: 'working',
        });
        first.done();
        (await attempts.launched('nightly', 2)).done('did it');
      }
    }
    expect((await running).exitCode).toBe(0);
    expect(attempts.of('nightly')).toHaveLength(2);
  });
});
