// The layer table of docs/architecture.md, held against the real imports: who may know whom, no cycles, small files.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const NODE = /^node:/;

/** Longest first: a file belongs to the first layer that its path starts with. */
const LAYERS: [layer: string, may: (string | RegExp)[]][] = [
  ['domain/task', ['contract']],
  ['domain/attempt', ['contract']],
  ['contract', ['zod', /^@noble\/hashes/]],
  ['view', ['contract', 'domain/task']],
  ['workflows', ['contract', 'domain/task', 'view', '@temporalio/workflow', /^@temporalio\/common/]],
  ['host', ['contract', 'execa', 'zod', NODE]],
  ['claude', ['contract', 'domain/attempt', 'host', 'execa', 'zod', NODE]],
  ['context', ['contract', 'domain/attempt', 'host', 'execa', 'zod', NODE]],
  [
    'activities',
    ['contract', 'domain/attempt', 'claude', 'context', 'host', '@temporalio/activity', '@temporalio/common', NODE],
  ],
  ['config.ts', ['contract', '@temporalio/envconfig', NODE]],
  ['log.ts', ['config.ts', 'pino', '@temporalio/worker']],
  ['client', ['contract', 'config.ts', '@temporalio/client', 'zod', NODE]],
  [
    'worker',
    ['contract', 'config.ts', 'log.ts', 'activities', 'claude', 'context', 'host', '@temporalio/worker', NODE],
  ],
  ['demo/api', ['contract', 'zod', NODE]],
  ['cli', [/^(?!workflows|activities)/]],
  ['demo', [/^(?!workflows|activities)/]],
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const layerOf = (file: string): string =>
  LAYERS.find(([layer]) => file === layer || file.startsWith(`${layer}/`) || file === `${layer}.ts`)?.[0] ??
  `no layer: ${file}`;

/** Every module a file names: imports, type-only ones, re-exports, dynamic ones. */
function importsOf(file: string): string[] {
  const { module } = parseSync(file, readFileSync(join(SRC, file), 'utf8'));
  const named = [
    ...module.staticImports.map((one) => one.moduleRequest.value),
    ...module.staticExports.flatMap((one) => one.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  const source = readFileSync(join(SRC, file), 'utf8');
  const dynamic = module.dynamicImports.map((one) =>
    source.slice(one.moduleRequest.start + 1, one.moduleRequest.end - 1),
  );
  return [...named, ...dynamic].map((specifier) =>
    specifier.startsWith('.') ? normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts') : specifier,
  );
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));

describe('each layer imports only what its row allows', () => {
  test.each(files)('%s', (file) => {
    const own = layerOf(file);
    const may = LAYERS.find(([layer]) => layer === own)?.[1] ?? [];
    const foreign = (graph.get(file) ?? []).filter((target) => {
      const layer = files.includes(target) ? layerOf(target) : target;
      return (
        layer !== own && !may.some((allowed) => (typeof allowed === 'string' ? allowed === layer : allowed.test(layer)))
      );
    });
    expect(foreign).toEqual([]);
  });
});

test('every import of ours leads to a file', () => {
  const dangling = [...graph].flatMap(([file, targets]) =>
    targets
      .filter((target) => target.endsWith('.ts') && !files.includes(target))
      .map((target) => `${file} → ${target}`),
  );
  expect(dangling).toEqual([]);
});

test('there are no cycles', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const target of graph.get(file) ?? []) if (files.includes(target)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

describe('each file', () => {
  test.each(files)('%s opens with what it owns, and is one idea', (file) => {
    const source = readFileSync(join(SRC, file), 'utf8');
    expect(source.split('\n').length).toBeLessThanOrEqual(300);
    expect(source.replace(/^#!.*\n/, '')).toMatch(/^(\/\/|\/\*\*)/);
    expect(source).not.toMatch(/export default/);
    expect(file).not.toMatch(/(^|\/)(utils|helpers)\.ts$/);
  });
});
