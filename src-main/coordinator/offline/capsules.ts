import { randomBytes } from 'node:crypto';
import type { DeviceId, SiteId } from '../../../src-preload/contract/index.ts';
import { toBase64url, utf8, wipe } from '../../base/bytes.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { decoded } from '../../identity/base64url.ts';
import { sealTo } from '../../identity/hpke.ts';
import { signStatement } from '../../identity/signed-statement.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import {
  type Capsule,
  type CapsuleContent,
  capsuleContext,
  capsuleDigest,
  type OfflinePermit
} from '../../protocol/offline.ts';
import { sealMessage } from '../../sealing/aead.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import { groupsInRules, monthOf, policyInForce } from '../policy/in-force.ts';
import type { ReleaseKeys } from '../release-keys.ts';
import type { Tables } from '../store.ts';
import { requireUsable } from '../suspensions.ts';
import { badgeKeyOf } from '../users/badges.ts';
import { currentOfflineKeys, type OfflineKeys } from './keys.ts';

/**
 * Capsules: what a station needs to stand in for the coordinator for some hours, at its own site, sealed to that station. Written down is who has
 * one, never what is in it; the log says when a station first gets one, and when other keys come into it.
 */
export interface Capsules {
  /** Throws `offline-refused` while the policy does not want it, `not-allowed` for machines that are more than a station. */
  issue(station: DirectoryDevice): Promise<Capsule>;
}

export function createCapsules(options: {
  readonly identity: CoordinatorIdentity;
  readonly releaseKeys: ReleaseKeys;
  readonly offlineKeys: OfflineKeys;
  /** Of the key files: the badges' key is derived from it. */
  readonly rootKey: Uint8Array;
  readonly perform: Perform;
  readonly clock: Clock;
}): Capsules {
  const { identity, releaseKeys, offlineKeys, rootKey, perform, clock } = options;

  async function contentOf(tables: Tables, site: SiteId, now: number): Promise<CapsuleContent> {
    const { settings } = await policyInForce(tables);
    const badgeKey = settings.badges === 'off' ? null : toBase64url(badgeKeyOf(rootKey, identity.organization));
    const current = (await releaseKeys.current(tables, site)).epoch;
    const needed = [...(await tables.jobs.openByEpoch()).keys()].filter((epoch) => epoch !== null);
    const held = new Set(
      (await tables.releaseKeys.list()).flatMap((key) => (key.destroyed === null && key.site === site ? key.epoch : []))
    );
    const epochs = [...new Set([current, ...needed])].filter((epoch) => held.has(epoch));
    return {
      v: 1,
      releaseKeys: await Promise.all(
        epochs.map(async (epoch) => textOf({ epoch, privateKey: await releaseKeys.take(tables, epoch) }))
      ),
      offlineKeys: (await offlineKeys.take(tables, site)).map(textOf),
      badgeKey,
      users: await usersOf(tables, badgeKey !== null, now)
    };
  }

  return {
    async issue(station) {
      // A machine that keeps replicas would have all three parts of a job.
      if (station.roles.some((role) => role !== 'station'))
        throw new LetterlockError('not-allowed', 'only for stations');
      return perform(`device:${station.id}`, async (act) => {
        const now = clock.now();
        const { settings } = await policyInForce(act.tables);
        const site = (await act.tables.devices.get(station.id))?.site;
        const key = site && (await currentOfflineKeys(act.tables)).get(site);
        if (settings.offlineHours === 0 || !key) throw new LetterlockError('offline-refused', 'the policy');
        await requireUsable(act.tables, { organization: identity.organization, device: station.id });
        const expires = now + settings.offlineHours * 3_600_000;
        const before = await act.tables.capsules.get(station.id);
        await act.tables.capsules.put({ station: station.id, epoch: key.epoch, issued: now, expires });
        if (before?.epoch !== key.epoch)
          act.record('offline.capsule-issued', station.id, { epoch: key.epoch, expires: isoTime(expires) });
        return seal(await contentOf(act.tables, key.site, now), station, { now, expires });
      });
    }
  };

  async function seal(
    value: CapsuleContent,
    { id, sealing }: DirectoryDevice,
    { now, expires }: { readonly now: number; readonly expires: number }
  ): Promise<Capsule> {
    const plain = utf8(JSON.stringify(value));
    const contentKey = new Uint8Array(randomBytes(32));
    try {
      const content = toBase64url(sealMessage(contentKey, plain, capsuleContext(id).aad));
      if (content.length > limits.capsule) throw new LetterlockError('too-large', 'capsule: too many users');
      const permit: OfflinePermit = {
        v: 1,
        station: id,
        issued: isoTime(now),
        expires: isoTime(expires),
        capsule: capsuleDigest(content)
      };
      return {
        permit: await signStatement('offline-permit', permit, { id: identity.id, key: identity.signing }),
        key: await sealTo(decoded(sealing), contentKey, capsuleContext(id)),
        content
      };
    } finally {
      wipe(plain, contentKey);
    }
  }
}

function textOf({ epoch, privateKey }: { readonly epoch: number; readonly privateKey: Uint8Array }) {
  try {
    return { epoch, privateKey: toBase64url(privateKey) };
  } finally {
    wipe(privateKey);
  }
}

/** Everybody who may sign in now: with what checks a PIN, never a PIN. */
async function usersOf(tables: Tables, withBadges: boolean, now: number): Promise<CapsuleContent['users']> {
  const { rules } = await policyInForce(tables);
  const groups = new Map<DeviceId | string, CapsuleContent['users'][number]['groups']>();
  for (const group of groupsInRules({ rules }))
    for (const user of await tables.userGroups.members(group)) groups.set(user, [...(groups.get(user) ?? []), group]);
  const counted = rules.some(({ effects }) => typeof effects.pagesPerMonth === 'number');
  const users: CapsuleContent['users'] = [];
  for (const { id, name, nameKey, pinHash, status, expires } of await tables.users.list()) {
    if (status !== 'active' || (expires ?? Number.POSITIVE_INFINITY) <= now) continue;
    users.push({
      ...{ id, name, key: nameKey, pin: pinHash, expires },
      badges: withBadges ? (await tables.badges.of(id)).map(({ hash }) => hash) : [],
      groups: groups.get(id) ?? [],
      pages: counted ? await tables.pageCounts.pagesOf(id, monthOf(now)) : 0
    });
  }
  return users;
}
