// The workflow bundle: what runs in the sandbox is the pure part and nothing else.

import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

let modules: string[];
let warnings: string[];

beforeAll(async () => {
  warnings = [];
  const quiet = (): void => {};
  const warn = (message: string): void => void warnings.push(message);
  const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn, error: warn };
  const entry = at('workflows/index.ts');
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    payloadConverterPath: at('workflows/payload-converter.ts'),
    workflowInterceptorModules: [entry],
    logger,
  });
  const map = /sourceMappingURL=data:application\/json[^,]*,([\w+/=]+)/.exec(code)?.[1] ?? '';
  modules = (JSON.parse(Buffer.from(map, 'base64').toString('utf8')) as { sources: string[] }).sources;
}, 60_000);

test('bundles without a warning', () => expect(warnings).toEqual([]));

test('holds the workflow, the domain and the contract', () => {
  for (const part of ['workflows/loop.ts', 'domain/task/apply.ts', 'contract/commands.ts', 'view/page.ts']) {
    expect(modules.some((module) => module.includes(part))).toBe(true);
  }
});

test('holds nothing of the host, the CLI, the client or Node', () => {
  const foreign =
    /^(?!.*node_modules).*\/src\/(host|claude|activities|client|worker|cli|demo|config|log)[/.]|node_modules\/(execa|pino|commander|@temporalio\/(worker|client|activity))\//;
  expect(modules.filter((module) => foreign.test(module))).toEqual([]);
});
