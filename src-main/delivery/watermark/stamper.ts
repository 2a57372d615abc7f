import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Stamp, Stamped, StampOrder } from './port.ts';

/**
 * Stamps documents in threads, one at a time: a document from outside is read by a program that reads whole documents, so it gets
 * so much memory and so much time, and is stopped when they are over. Nothing touches a disk.
 *
 * `thread`: path of the built entry that runs `runStampThread`.
 */
export function createStamper(options: {
  readonly thread: string;
  readonly clock: Clock;
  readonly heapMiB?: number;
}): Stamp {
  let last: Promise<unknown> = Promise.resolve();
  return (order, signal) => {
    const turn = last.then(() => {
      signal.throwIfAborted();
      return stampInThread(order, { heapMiB: limits.watermarkHeapMiB, ...options, signal });
    });
    last = turn.catch(() => {});
    return turn;
  };
}

async function stampInThread(
  order: StampOrder,
  {
    thread,
    clock,
    heapMiB,
    signal
  }: { readonly thread: string; readonly clock: Clock; readonly heapMiB: number; readonly signal: AbortSignal }
): Promise<Stamped> {
  const worker = new Worker(thread, {
    workerData: order,
    transferList: [order.bytes.buffer],
    resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    env: {},
    stdout: true, // what is written there, pdf-lib's warnings of a document, is read by nobody
    stderr: true
  });
  let stop: () => void = () => {};
  try {
    return await new Promise<Stamped>((resolve, reject) => {
      const demanding = () => resolve({ refused: 'demanding' });
      const onAbort = () => reject(signal.reason);
      const off = clock.after(limits.watermarkSeconds * 1000, demanding);
      signal.addEventListener('abort', onAbort);
      stop = () => {
        off();
        signal.removeEventListener('abort', onAbort);
      };
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? demanding() : reject(error)
      );
      worker.once('exit', demanding);
    });
  } finally {
    stop();
    await worker.terminate();
  }
}
