// The documents name only what exists: a promise without its test is none.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(at(path), 'utf8');

describe('docs/guarantees.md', () => {
  const named = [...new Set(read('docs/guarantees.md').match(/test\/[\w./-]+\.test\.ts/g))];

  test('names tests', () => expect(named.length).toBeGreaterThan(10));
  test.each(named)('%s exists', (path) => expect(existsSync(at(path))).toBe(true));

  test('every row of a table names the test that proves it', () => {
    const rows = read('docs/guarantees.md')
      .split('\n')
      .filter((line) => line.startsWith('|') && !line.startsWith('|---') && !line.startsWith('| Failure'));
    expect(rows.filter((row) => !row.includes('test/'))).toEqual([]);
  });
});

describe.each(['README.md', 'docs/architecture.md', 'docs/operators.md'])('%s', (doc) => {
  test('links lead to files of the repository', () => {
    const links = [...read(doc).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target ?? '');
    const base = doc.startsWith('docs/') ? 'docs/' : '';
    expect(links.filter((target) => !existsSync(at(base + target)))).toEqual([]);
  });
});

test('the README lists every variable that is read', () => {
  const variables = new Set(readFileSync(at('src/config.ts'), 'utf8').match(/TASKRUN_[A-Z_]+/g));
  expect(readConfig({}).ok).toBe(true);
  expect([...variables].filter((variable) => !read('README.md').includes(variable))).toEqual([]);
});
