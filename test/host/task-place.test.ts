// Whatever a task is called, its directory is one safe name below the home's tasks, and nobody else's.
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskPlace } from '../../src/host/task-place.js';

const home = { tasks: '/home/tasks' };
const NASTY = [
  '/',
  '..',
  '../../etc',
  'a:b',
  '.',
  '',
  ' ',
  '\0',
  'ä/ö',
  '😀',
  '\ud800',
  '-rf',
  'x'.repeat(1000),
  'CON',
  'a\nb',
];
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.constantFrom(...NASTY));

describe('taskPlace', () => {
  it('keeps any task id to one readable, short, safe name', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (namespace, taskId, incarnation) => {
        const place = taskPlace(home, { namespace, taskId, incarnation });
        expect(place.key).toMatch(/^[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{20}$/);
        expect(dirname(place.root)).toBe('/home/tasks');
        expect(place.root).toBe(join('/home/tasks', place.key));
      }),
    );
  });

  it('gives two tasks two places when anything differs, lone surrogates and shifted borders included', () => {
    const different = [
      ['default', 'a', '1'],
      ['default', 'A', '1'],
      ['default', 'a', '2'],
      ['other', 'a', '1'],
      ['defaulta', '', '1'],
      ['default', '\ud800', '1'],
      ['default', '\ud801', '1'],
      ['default', '\ufffd', '1'],
      ['default', `${'x'.repeat(999)}1`, '1'],
      ['default', `${'x'.repeat(999)}2`, '1'],
    ] as const;
    const keys = different.map(
      ([namespace, taskId, incarnation]) => taskPlace(home, { namespace, taskId, incarnation }).key,
    );
    expect(new Set(keys).size).toBe(different.length);
  });

  it('finds the same place again, and keeps the id readable in it', () => {
    const task = { namespace: 'default', taskId: 'Büro/fix login:2', incarnation: 'r1' };
    expect(taskPlace(home, task).key).toMatch(/^bu-ro-fix-login-2-/);
    expect(taskPlace(home, task).key).toBe(taskPlace(home, { ...task }).key);
  });

  it('puts each attempt in a directory of its own, in the order of their numbers', () => {
    const place = taskPlace(home, { namespace: 'default', taskId: 't', incarnation: 'r' });
    const ninth = place.attempt(9, 'aaaa-1');
    const tenth = place.attempt(10, 'aaaa-0');
    expect(ninth.dir < tenth.dir).toBe(true);
    expect(dirname(dirname(ninth.dir))).toBe(place.root);
    for (const path of [ninth.stream, ninth.stderr, ninth.settings, ninth.mcp]) expect(dirname(path)).toBe(ninth.dir);
  });

  it.each(['../../x', '', 'a/b', 'x'.repeat(65), 'a.b'])('refuses the attempt id %j', (id) => {
    const place = taskPlace(home, { namespace: 'default', taskId: 't', incarnation: 'r' });
    expect(() => place.attempt(1, id)).toThrow(/uuid/);
  });
});
