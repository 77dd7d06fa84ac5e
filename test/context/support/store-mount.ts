// A filesystem of a test's own, small or read-only. Only root may mount; elsewhere these tests are skipped.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempDir } from '../../support/temp.js';

export const canMount: boolean = (() => {
  const dir = mkdtempSync(join(tmpdir(), 'taskrun-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir], { stdio: 'ignore' });
    execFileSync('umount', [dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
})();

export async function smallDisk(size: string): Promise<{ dir: string; makeReadOnly: () => void }> {
  const dir = await tempDir('disk');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', dir]);
  onTestFinished(() => void execFileSync('umount', ['-l', dir]));
  return { dir, makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', dir]) };
}
