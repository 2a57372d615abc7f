import { which } from '../build/setup.mjs';
import { startCupsd } from '../tests/support/cups.ts';

export interface HeldQueue {
  /** Seconds until `lp` has returned, and from the resume until CUPS calls the job completed. */
  printAndRelease(file: string): Promise<{ submit: number; release: number }>;
  close(): Promise<void>;
}

/**
 * What a user would do without Letterlock: print to a CUPS queue that holds the job (`job-hold-until=indefinite`), then release
 * it to the same IPPS printer. Null where no CUPS can be run (it needs root). CUPS keeps the document readable on disk meanwhile.
 */
export async function startHeldQueue(printerUri: string): Promise<HeldQueue | null> {
  if (!which('cupsd') || process.getuid?.() !== 0) return null;
  const cups = await startCupsd();
  await cups.client('lpadmin', '-p', 'held', '-v', printerUri, '-E', '-o', 'printer-is-shared=false');
  let number = 0;
  return {
    async printAndRelease(file) {
      number++;
      const submit = await timed(() => cups.client('lp', '-d', 'held', '-H', 'indefinite', '-o', 'raw', file));
      const release = await timed(async () => {
        const done = cups.completed(number);
        await cups.client('lp', '-i', `held-${number}`, '-H', 'resume');
        await done;
      });
      return { submit, release };
    },
    close: () => cups.close()
  };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
}
