import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { wipe } from '../base/bytes.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import { Capsule, CapsuleContent, capsuleContext, capsuleDigest, OfflinePermit } from '../protocol/offline.ts';
import { keysOf, siteOfDevice } from '../protocol/sites.ts';
import { openMessage } from '../sealing/aead.ts';
import type { JobsOrganization } from './port.ts';

/**
 * A station's capsule: fetched from the coordinator while it can be reached, kept as it came (sealed to this machine), opened for
 * one step at a time, and wiped when it is replaced, over, or not wanted any more.
 */
export interface CapsuleKeeper {
  /** Until when this station may stand in for the coordinator; null: not at all. By the clock here; nodes look at theirs. */
  until(): number | null;
  /** Throws `offline-refused` when there is none, or it is over. */
  open(): Promise<OpenCapsule>;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
export interface OpenCapsule {
  readonly permit: Signed;
  readonly content: CapsuleContent;
}

type Kept = { readonly capsule: Capsule; readonly permit: OfflinePermit };

export async function openCapsuleKeeper(options: {
  readonly identity: DeviceIdentity;
  readonly organization: JobsOrganization;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<CapsuleKeeper> {
  const { identity, organization, dataDir, clock, logger } = options;
  const path = join(dataDir, 'capsule.json');
  const listeners = new Set<() => void>();
  const ended = new AbortController();
  let kept: Kept | null = await readKept();
  let working: Promise<void> = Promise.resolve();
  let stopTimer = () => {};

  async function readKept(): Promise<Kept | null> {
    try {
      const capsule = await readJson(path, Capsule);
      return capsule && { capsule, permit: readPermit(capsule) };
    } catch (error) {
      logger.warn({ error }, 'the capsule on disk is not usable');
      return null;
    }
  }

  function readPermit({ permit, content }: Capsule): OfflinePermit {
    const { coordinator } = identity.enrollment;
    const code = 'certificate-invalid' as const;
    if (permit.signer !== coordinator.id) throw new LetterlockError(code, 'permit: signer');
    const publicKey = decoded(coordinator.signing);
    const schema = OfflinePermit;
    const said = openStatement({ kind: 'offline-permit', signed: permit, publicKey, schema, maxBytes: 1024, code });
    if (said.station !== identity.id) throw new LetterlockError(code, 'permit of another station');
    if (said.capsule !== capsuleDigest(content)) throw new LetterlockError(code, 'capsule');
    return said;
  }

  async function discard(): Promise<void> {
    kept = null;
    await erase();
  }
  async function erase(): Promise<void> {
    await overwrite(path);
    await rm(path, { force: true });
  }

  async function renew(): Promise<void> {
    if (!organization.connected()) return;
    try {
      const { signal } = ended;
      const capsule = await organization.call('/v1/offline/capsule', {}, Capsule, { signal });
      const permit = readPermit(capsule);
      await erase();
      await writeJsonAtomic(path, capsule);
      kept = { capsule, permit };
    } catch (error) {
      if (ended.signal.aborted) return;
      const { code } = asLetterlockError(error);
      if (unwanted.has(code)) await discard();
      else logger.warn({ error }, 'the capsule could not be renewed');
    }
  }

  async function look(): Promise<void> {
    const before = kept;
    await renew();
    if (kept && Date.parse(kept.permit.expires) <= clock.now()) await discard();
    if (kept !== before) for (const listener of listeners) listener();
    arm();
  }
  const lookSoon = () => {
    working = working.then(look).catch((error: unknown) => {
      logger.error({ error }, 'the capsule could not be looked after');
      arm();
    });
  };
  function arm(): void {
    stopTimer();
    if (ended.signal.aborted) return;
    const left = kept ? Math.max(0, Date.parse(kept.permit.expires) - clock.now()) : Number.POSITIVE_INFINITY;
    stopTimer = clock.after(Math.min(left, limits.capsuleRenewSeconds * 1000), lookSoon);
  }

  /** A connection that is back, and another policy, other keys, another site. */
  const versionNow = () => {
    const directory = organization.connected() ? organization.directory() : null;
    if (!directory) return 'cut off';
    const { policy } = directory;
    const keys = keysOf(directory, siteOfDevice(directory, identity.id));
    return [keys?.offlineKey?.epoch, keys?.releaseKey.epoch, policy.offlineHours, policy.badges].join(' ');
  };
  let version = '';
  const onChange = () => {
    const now = versionNow();
    if (now !== version && now !== 'cut off') lookSoon();
    version = now;
  };
  const offChange = organization.onChange(onChange);
  onChange();
  arm();

  const requireKept = (): Kept => {
    if (!kept || Date.parse(kept.permit.expires) <= clock.now())
      throw new LetterlockError(
        'offline-refused',
        kept ? `permitted until ${kept.permit.expires}` : 'not permitted here'
      );
    return kept;
  };

  return {
    until: () => (kept && Date.parse(kept.permit.expires) > clock.now() ? Date.parse(kept.permit.expires) : null),
    async open() {
      const { capsule, permit } = requireKept();
      if (Date.parse(permit.issued) > clock.now() + limits.clockBackSeconds * 1000)
        throw new LetterlockError(
          'offline-refused',
          `the clock says ${isoTime(clock.now())}, the permit is of ${permit.issued}`
        );
      const context = capsuleContext(identity.id);
      const contentKey = await identity.sealing.open(capsule.key, context);
      try {
        const plain = openMessage(contentKey, decoded(capsule.content), context.aad);
        try {
          return {
            permit: capsule.permit,
            content: CapsuleContent.parse(JSON.parse(Buffer.from(plain).toString('utf8')))
          };
        } catch {
          throw new LetterlockError('storage-damaged', 'capsule'); // no cause: it would quote keys
        } finally {
          wipe(plain);
        }
      } finally {
        wipe(contentKey);
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      offChange();
      stopTimer();
      ended.abort(new LetterlockError('coordinator-unreachable', 'closed'));
      await working;
    }
  };
}

/** The coordinator's word that this machine shall have none. */
const unwanted: ReadonlySet<string> = new Set([
  'offline-refused',
  'not-allowed',
  'device-not-approved',
  'suspended',
  'not-found'
]);

/** Zeros over the old bytes before the name goes. An absent file is fine. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+').catch(() => null);
  if (!file) return;
  try {
    await file.write(Buffer.alloc((await file.stat()).size), 0, undefined, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
