import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { backoff, mayPass, pause } from '../../base/retry.ts';
import { decoded } from '../../identity/base64url.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import type { Organization } from '../../organization/organization.ts';
import type { Manifest } from '../../sealing/manifest.ts';
import { resealFor } from '../../sealing/sealed-key.ts';
import { readManifest } from '../envelope.ts';
import type { NodeTransport, Replica } from '../ports.ts';
import { uploadFile } from '../upload-file.ts';
import type { Pace } from './pace.ts';

/** Gives a replica to another node, sealed anew. Throws `not-found`, or what the other node says. */
export type Copy = (job: JobId, to: DeviceId, signal: AbortSignal) => Promise<Signed>;

/** How often a transfer goes on where it broke, before it is given up for now. */
const tries = 5;

export function createCopying(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly replica: (job: JobId) => Promise<Replica | undefined>;
  readonly transport: Pick<NodeTransport, 'upload' | 'offset' | 'commit'>;
  readonly pace: Pace;
  readonly clock: Clock;
}): Copy {
  const { identity, organization, transport, pace, clock } = options;

  /** All of the blob is durable there when it resolves. */
  async function send({ openBlob }: Replica, manifest: Manifest, to: DeviceId, signal: AbortSignal): Promise<void> {
    const size = manifest.blobSize;
    const blob = await openBlob();
    try {
      let left = tries;
      let first = 0;
      for (const ms of backoff(500, 8_000)) {
        try {
          if (left < tries) first = await transport.offset(to, manifest, signal);
          if (first === size) return;
          const upload = transport.upload(to, manifest, signal, { first, size });
          const worked = stopwatch();
          await uploadFile(blob, upload, { first, size, rest: () => pace.rest(worked(), signal) });
          return;
        } catch (error) {
          signal.throwIfAborted();
          left -= 1;
          if (left === 0 || !mayPass(error)) throw error;
        }
        await pause(ms, clock, signal);
      }
    } finally {
      await blob.close();
    }
  }

  return async (job, to, signal) => {
    const device = organization.device(to);
    if (!device?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node');
    const replica = await options.replica(job);
    const manifest = replica && readManifest(replica.manifest);
    if (!replica || !manifest) throw new LetterlockError('not-found', 'job');
    const sealedKey = await resealFor({
      sealedKey: replica.sealedKey,
      job,
      from: { id: identity.id, key: identity.sealing },
      to: { id: to, sealingPublicKey: decoded(device.sealing) }
    });
    const leave = await pace.place(signal);
    try {
      await send(replica, manifest, to, signal);
      return await transport.commit(to, job, { manifest: replica.manifest, metadata: replica.metadata, sealedKey });
    } finally {
      leave();
    }
  };
}

/**
 * Milliseconds of processor time that this process used since it was last asked, for whatever. Waiting for the other side and for the
 * disk is not among them: it leaves the machine as free as a rest would.
 */
function stopwatch(): () => number {
  let before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    return (user + system) / 1000;
  };
}
