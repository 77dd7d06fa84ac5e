// The workflow bundle: made once by the build, so that a worker starts in a fraction of a second.
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** `.js` as built, `.ts` where the sources themselves are run. */
const EXT = extname(fileURLToPath(import.meta.url));

export const PAYLOAD_CONVERTER_PATH = pathOf(`../workflows/payload-converter${EXT}`);
const ENTRY_PATH = pathOf(`../workflows/index${EXT}`);
const BUILT_PATH = pathOf('../workflow-bundle.js');

/** Bundles the workflow code; refuses what a workflow may not use. */
export async function bundleWorkflows(): Promise<string> {
  const quiet = () => {};
  const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error };
  const { code } = await bundleWorkflowCode({
    workflowsPath: ENTRY_PATH,
    payloadConverterPath: PAYLOAD_CONVERTER_PATH,
    workflowInterceptorModules: [ENTRY_PATH],
    logger,
  });
  return code;
}

/** The built bundle; made on the spot where there is none (a checkout that was compiled by hand). */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  return existsSync(BUILT_PATH) ? { codePath: BUILT_PATH } : { code: await bundleWorkflows() };
}
