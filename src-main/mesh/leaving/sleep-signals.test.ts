import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchSleep } from './sleep-signals.ts';

it('hands over before the machine sleeps, lets it sleep afterwards, and tells when it woke', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-sleep-'));
  const log = join(folder, 'log');
  // What gdbus prints of logind; it wakes only once the lock was let go.
  const monitor = `
    echo "/org/freedesktop/login1: org.freedesktop.login1.Manager.SessionNew ('3', objectpath '/x')"
    echo "/org/freedesktop/login1: org.freedesktop.login1.Manager.PrepareForSleep (true,)"
    while ! grep -q released ${log}; do sleep 0.05; done
    echo "/org/freedesktop/login1: org.freedesktop.login1.Manager.PrepareForSleep (false,)"`;
  const inhibit = `echo held >> ${log}; cat; echo released >> ${log}`;
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    const signals = watchSleep(
      {
        sleep: async () => void seen.push('sleep'),
        wake: () => {
          seen.push('wake');
          signals.close();
          resolve();
        }
      },
      { monitor: ['sh', '-c', monitor], inhibit: ['sh', '-c', inhibit] }
    );
  });
  expect(seen).toEqual(['sleep', 'wake']);
  expect((await readFile(log, 'utf8')).startsWith('held\nreleased\n')).toBe(true);
  await rm(folder, { recursive: true });
});
