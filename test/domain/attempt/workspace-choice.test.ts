// How an attempt gets its workspace: the newest leavings of the task's own line are gone on with, whatever host they are
// on; what is behind, or was gone back from, never is.
import { expect, test } from 'vitest';
import { chooseWorkspace, type LineFacts, type WorkspaceRecord } from '../../../src/domain/attempt/workspace-choice.js';

const record = (attemptId: string, more: Partial<WorkspaceRecord> = {}) => ({
  exists: true,
  record: { attemptId, restoring: false, ...more },
});
const base = (attemptId: string) => ({ id: `c-${attemptId}`, attemptId });
const nowhere = { exists: false };

test.each<[what: string, here: Parameters<typeof chooseWorkspace>[0], line: LineFacts, expected: object]>([
  ['the first attempt makes it', nowhere, { since: [] }, { do: 'make', aside: false }],
  [
    'killed before the host noted that it brought a moment that nobody had told of',
    { exists: true },
    { since: ['a1'], base: base('a1') },
    { do: 'restore', aside: true },
  ],
  [
    'killed while other files took the place of those it had',
    record('a2', { restoring: true, before: 'c-safe' }),
    { head: 'c-a1', since: ['a2'], base: base('a1') },
    { do: 'takeBack', to: 'c-safe' },
  ],
  [
    'killed while other files took the place of those it had, and gone on elsewhere since',
    record('a2', { restoring: true, before: 'c-safe' }),
    { head: 'c-a3', since: [], base: base('a3') },
    { do: 'restore', aside: false },
  ],
  [
    'the conversation has begun elsewhere, and the store can not be asked for it',
    nowhere,
    { since: ['a1'], outOfSight: true },
    { do: 'needStore' },
  ],
  [
    'the attempt that left the newest checkpoint worked here',
    record('a1'),
    { head: 'c-a1', since: [], base: base('a1') },
    { do: 'goOn' },
  ],
  [
    'a lost attempt worked here after the newest checkpoint',
    record('a2'),
    { head: 'c-a1', since: ['a2'], base: base('a1') },
    { do: 'goOn' },
  ],
  [
    'a lost attempt left its newest checkpoint here and more',
    record('a2'),
    { head: 'c-a1', since: ['a2'], base: base('a2') },
    { do: 'goOn' },
  ],
  [
    'the store can not be asked, and this host took the newest checkpoint',
    record('a1', { kept: 'c-a1' }),
    { head: 'c-a1', since: [] },
    { do: 'goOn' },
  ],
  [
    'the store can not be asked, and a lost attempt worked here',
    record('a2'),
    { head: 'c-a1', since: ['a2'] },
    { do: 'goOn' },
  ],
  ['there never was a store', record('a2'), { since: ['a1', 'a2'] }, { do: 'goOn' }],
  [
    'another host has the workspace',
    nowhere,
    { head: 'c-a1', since: [], base: base('a1') },
    { do: 'restore', aside: false },
  ],
  [
    'another host had it and died after a checkpoint of its own',
    nowhere,
    { head: 'c-a1', since: ['a2'], base: base('a2') },
    { do: 'restore', aside: false },
  ],
  [
    'the task worked elsewhere since: this host is behind',
    record('a1', { kept: 'c-a1' }),
    { head: 'c-a2', since: [], base: base('a2') },
    { do: 'restore', aside: true },
  ],
  [
    'this host was lost, and a later attempt worked elsewhere and left a checkpoint before it was lost too',
    record('a2'),
    { head: 'c-a1', since: ['a2', 'a3'], base: base('a3') },
    { do: 'restore', aside: true },
  ],
  [
    'the task went back: what was made since is no part of it',
    record('a3', { kept: 'c-a3' }),
    { head: 'c-a1', since: [], base: base('a1') },
    { do: 'restore', aside: true },
  ],
  [
    'the task went back to its very beginning',
    record('a3', { kept: 'c-a3' }),
    { since: [] },
    { do: 'make', aside: true },
  ],
  [
    'a restore was cut short: what is there is not worth keeping',
    record('a1', { restoring: true }),
    { head: 'c-a2', since: [], base: base('a2') },
    { do: 'restore', aside: false },
  ],
  [
    'a directory without a note, of a task that has checkpoints',
    { exists: true },
    { head: 'c-a1', since: [], base: base('a1') },
    { do: 'restore', aside: true },
  ],
  ['a directory without a note, of a task that has none', { exists: true }, { since: ['a1'] }, { do: 'goOn' }],
  ['nothing here, and the store can not be asked', nowhere, { head: 'c-a1', since: [] }, { do: 'needStore' }],
  [
    'behind, and the store can not be asked',
    record('a1', { kept: 'c-a1' }),
    { head: 'c-a2', since: [] },
    { do: 'needStore' },
  ],
  [
    'the newest work is on a host alone, and this is another',
    nowhere,
    { head: 'c-a1', since: ['a2'], unsaved: { attemptId: 'a2', host: 'far' }, base: base('a1') },
    { do: 'needHost', host: 'far' },
  ],
  [
    'the newest work is here alone',
    record('a2'),
    { head: 'c-a1', since: ['a2'], unsaved: { attemptId: 'a2', host: 'here' }, base: base('a1') },
    { do: 'goOn' },
  ],
  [
    'a checkpoint taken while it worked is not all that an attempt without a last one left',
    nowhere,
    { since: ['a1'], unsaved: { attemptId: 'a1' }, base: base('a1') },
    { do: 'needHost', host: undefined },
  ],
  [
    'work that was not kept was gone on with, and that is kept',
    nowhere,
    { since: ['a1', 'a2'], unsaved: { attemptId: 'a1', host: 'far' }, base: base('a2') },
    { do: 'restore', aside: false },
  ],
])('%s', (_, here, line, expected) => {
  expect(chooseWorkspace(here, line)).toEqual(expected);
});
