// Intention + disk → what is sent: the whole table, each of its 480 combinations answered by exactly one row.
import { describe, expect, test } from 'vitest';
import { INTENTIONS, type Intention } from '../../../src/contract/attempt.js';
import { type DiskFacts, ground } from '../../../src/domain/attempt/ground.js';

const OURS = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

/** Sessions with a transcript for the directory, the newest first. */
const DISKS = {
  nothing: [],
  'another session alone': [OTHER],
  'ours alone': [OURS],
  'ours before another': [OURS, OTHER],
  'another before ours': [OTHER, OURS],
} as const;
type Disk = keyof typeof DISKS;
const DELIVERIES = ['absent', 'unfinished', 'finished'] as const;

interface Situation {
  intention: Intention;
  disk: Disk;
  delivery: DiskFacts['delivery'];
  shared: boolean;
  seen: boolean;
  /** It begins as a fork of another conversation, which lies on this host. */
  parent: boolean;
}

const GONE: Disk[] = ['nothing', 'another session alone'];
const NEWEST: Disk[] = ['ours alone', 'ours before another'];
const THERE: Disk[] = [...NEWEST, 'another before ours'];
const PARENT = { sessionId: '33333333-3333-4333-8333-333333333333', at: 'the last message' };
const ONWARD: Intention[] = ['start', 'continue', 'fork'];

/** What a row leaves out matches everything. */
type When = { [K in keyof Situation]?: readonly Situation[K][] };
const TABLE: [name: string, when: When, answer: (asked: Situation) => object][] = [
  ['seen once and gone is never a fresh start', { disk: GONE, seen: [true] }, () => ({ do: 'transcriptLost' })],
  ['never seen: the session begins under its id', { disk: GONE, seen: [false], parent: [false] }, fresh],
  [
    'never seen, with a parent: it begins as a fork, whatever the intention',
    { disk: GONE, seen: [false], parent: [true] },
    () => sent({ flag: 'fork', newSessionId: OURS, ...PARENT }, 'absent'),
  ],
  ['finished: nothing is launched', { disk: THERE, delivery: ['finished'] }, () => ({ do: 'report' })],
  [
    'ours is the newest of a directory of its own: --continue',
    { intention: ONWARD, disk: NEWEST, shared: [false], delivery: ['absent', 'unfinished'] },
    ({ intention, delivery }) => ({
      ...sent({ flag: 'continue' }, delivery),
      ...((intention === 'start' || intention === 'fork') && { why: expect.stringContaining('an earlier launch') }),
    }),
  ],
  [
    'others may write sessions of this directory: --resume',
    { intention: ONWARD, disk: NEWEST, shared: [true], delivery: ['absent', 'unfinished'] },
    ({ delivery }) => ({ ...resumed(delivery), why: expect.stringContaining('other Claude sessions') }),
  ],
  [
    '--continue would take another session: --resume',
    { intention: ONWARD, disk: ['another before ours'], delivery: ['absent', 'unfinished'] },
    ({ delivery }) => ({ ...resumed(delivery), why: expect.stringContaining(OTHER) }),
  ],
  [
    'a resume is a resume',
    { intention: ['resume'], disk: THERE, delivery: ['absent', 'unfinished'] },
    ({ delivery }) => resumed(delivery),
  ],
];

function fresh({ intention }: Situation): object {
  const why = intention === 'start' ? {} : { why: expect.stringContaining('no attempt got as far') };
  return { ...sent({ flag: 'session-id', sessionId: OURS }, 'absent'), ...why };
}

const resumed = (delivery: DiskFacts['delivery']): object => sent({ flag: 'resume', sessionId: OURS }, delivery);

const sent = (launch: object, delivery: DiskFacts['delivery']): object => ({
  do: 'launch',
  launch,
  send: delivery === 'absent' ? 'instruction' : 'nudge',
});

const SITUATIONS: Situation[] = INTENTIONS.flatMap((intention) =>
  disks().flatMap((disk) =>
    DELIVERIES.flatMap((delivery) =>
      [true, false].flatMap((shared) =>
        [true, false].flatMap((seen) =>
          [true, false].map((parent) => ({ intention, disk, delivery, shared, seen, parent })),
        ),
      ),
    ),
  ),
);

function disks(): Disk[] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the keys of the literal above
  return Object.keys(DISKS) as Disk[];
}

const isRow = (when: When, asked: Situation): boolean =>
  (when.intention?.includes(asked.intention) ?? true) &&
  (when.disk?.includes(asked.disk) ?? true) &&
  (when.delivery?.includes(asked.delivery) ?? true) &&
  (when.shared?.includes(asked.shared) ?? true) &&
  (when.seen?.includes(asked.seen) ?? true) &&
  (when.parent?.includes(asked.parent) ?? true);

const answerTo = ({ intention, disk, delivery, shared, seen, parent }: Situation) =>
  ground(
    intention,
    { id: OURS, seen, ...(parent ? { parent: PARENT } : {}) },
    {
      transcripts: DISKS[disk].map((sessionId) => ({ sessionId })),
      delivery,
      shared,
    },
  );

test('every situation is answered by one row alone', () => {
  expect(SITUATIONS).toHaveLength(480);
  for (const asked of SITUATIONS) {
    expect(
      TABLE.filter(([, when]) => isRow(when, asked)),
      JSON.stringify(asked),
    ).toHaveLength(1);
  }
});

describe.each(TABLE)('%s', (_name, when, answer) => {
  const rows = SITUATIONS.filter((asked) => isRow(when, asked));
  test(`in all of its ${rows.length} situations`, () => {
    for (const asked of rows) expect(answerTo(asked), JSON.stringify(asked)).toEqual(answer(asked));
  });
});

test('no answer names a session but the intended one, and a launch never leaves the session to chance', () => {
  for (const asked of SITUATIONS) {
    const answer = answerTo(asked);
    if (answer.do !== 'launch') continue;
    if (answer.launch.flag === 'fork')
      expect([answer.launch.newSessionId, answer.launch.sessionId]).toEqual([OURS, PARENT.sessionId]);
    else if ('sessionId' in answer.launch) expect(answer.launch.sessionId).toBe(OURS);
    else expect(DISKS[asked.disk][0], JSON.stringify(asked)).toBe(OURS);
  }
});
