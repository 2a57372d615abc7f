import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { StagedBlob } from './staged-blob.ts';

/**
 * Moves a request body into a staged blob at the pace of the disk. Rejects with `upload-truncated` when the sender goes
 * away or says nothing for too long, or with the blob's own error. Never closes either side.
 */
export function receive(source: Readable, blob: StagedBlob, { clock }: { readonly clock: Clock }): Promise<void> {
  return new Promise((resolve, reject) => {
    let moved = true;
    let diskIsBusy = false;
    let taken = Promise.resolve();
    let cancelWatch = () => {};

    const settle = (then: () => void) => {
      cancelWatch();
      source.off('data', take).off('end', ended).off('close', cut).off('error', cut);
      source.on('error', () => {}); // what comes after the decision changes nothing
      taken.then(then, reject); // a pause holds back neither the end nor the break: the blob may still be at the last chunk
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const ended = () => settle(resolve);
    const cut = () => fail(new LetterlockError('upload-truncated'));
    const take = (chunk: Uint8Array) => {
      moved = true;
      const room = blob.write(chunk);
      if (!room) return;
      source.pause();
      diskIsBusy = true;
      taken = room;
      room.then(() => {
        diskIsBusy = false;
        source.resume();
      }, fail);
    };
    /** One look per period instead of a timer per chunk. */
    const watch = () => {
      cancelWatch = clock.after(limits.stalledTransferSeconds * 1000, () => {
        if (!moved && !diskIsBusy) return fail(new LetterlockError('upload-truncated', 'stalled'));
        moved = false;
        watch();
      });
    };

    source.on('data', take).on('end', ended).on('close', cut).on('error', cut);
    watch();
  });
}
