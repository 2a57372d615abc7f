import { createHash } from 'node:crypto';
import type { JobId } from '../../../src-preload/contract/ids.ts';
import { toBase64url } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { MiB } from '../../base/limits.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { signStatement } from '../../identity/signed-statement.ts';
import type { HoldingReceipt } from '../../protocol/device-api.ts';
import type { Erasure } from '../erasure.ts';
import type { ReplicaStore } from '../replica-store.ts';
import type { Tombstones } from '../tombstones.ts';
import type { Pace } from './pace.ts';
import type { Shelf } from './port.ts';

/** The replicas of a node, as repair sees them. */
export function createDiskShelf(options: {
  readonly identity: DeviceIdentity;
  readonly store: ReplicaStore;
  readonly tombstones: Tombstones;
  readonly erasure: Erasure;
  /** Removes everything of a job, one after the other with whatever else concerns it. */
  readonly destroy: (job: JobId) => Promise<void>;
  readonly pace: Pace;
  readonly clock: Clock;
}): Shelf {
  const { identity, store, tombstones, erasure, destroy, pace, clock } = options;

  const heldReplica = (job: JobId) => {
    const held = store.held.get(job);
    if (!held) throw new LetterlockError('not-found', 'job');
    return held;
  };
  const opened = async (job: JobId) => {
    const replica = await store.replica(job);
    if (!replica) throw new LetterlockError('not-found', 'job');
    return replica.openBlob();
  };

  return {
    held: store.held,
    readUpkeep: store.readUpkeep,
    writeUpkeep: store.writeUpkeep,
    async receipt(job) {
      const { sha256, blobSize } = heldReplica(job);
      const value: HoldingReceipt = { job, node: identity.id, sha256, blobSize, at: isoTime(clock.now()) };
      return signStatement('holding', value, { id: identity.id, key: identity.signing });
    },
    async isWhole(job, signal) {
      const { sha256 } = heldReplica(job);
      const file = await opened(job);
      try {
        const hash = createHash('sha256');
        const memory = Buffer.allocUnsafeSlow(MiB);
        for (let at = 0; ; ) {
          signal.throwIfAborted();
          const began = clock.now();
          const { bytesRead } = await file.read(memory, 0, MiB, at);
          if (bytesRead === 0) return toBase64url(hash.digest()) === sha256;
          hash.update(memory.subarray(0, bytesRead));
          at += bytesRead;
          await pace.rest(clock.now() - began, signal);
        }
      } finally {
        await file.close();
      }
    },
    async bytes(job, offset, length) {
      const file = await opened(job);
      try {
        const bytes = Buffer.alloc(length);
        const { bytesRead } = await file.read(bytes, 0, length, offset);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    withdraw: erasure.withdraw,
    discard: destroy,
    order: tombstones.order,
    obey: erasure.obey
  };
}
