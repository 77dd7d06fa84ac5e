import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/claude/lines.js';

function split(chunks: Buffer[], capBytes: number): { lines: string[]; skipped: number } {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line.toString('latin1')), capBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, skipped: splitter.skipped };
}

const pieces = (text: string, cuts: number[]): Buffer[] => {
  const bytes = Buffer.from(text, 'latin1');
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};

test('however the bytes are cut, the lines up to the cap come out whole, longer ones are counted, empty ones are nothing', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '"'), maxLength: 30 });
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(500)), fc.integer({ min: 1, max: 20 }), (given, cuts, cap) => {
      const { lines, skipped } = split(pieces(given.join('\n'), cuts), cap);
      expect(lines).toEqual(given.filter((each) => each.length > 0 && each.length <= cap));
      expect(skipped).toBe(given.filter((each) => each.length > cap).length);
    }),
    { numRuns: 500 },
  );
});

test('a line of exactly the cap is read, one byte more is not, and what follows is', () => {
  expect(split([Buffer.from('aaaa\nbbbbb\ncc')], 4)).toEqual({ lines: ['aaaa', 'cc'], skipped: 1 });
  expect(split([Buffer.from('aa'), Buffer.from('aa\nbbb'), Buffer.from('bb\ncc\n')], 4)).toEqual({
    lines: ['aaaa', 'cc'],
    skipped: 1,
  });
});
