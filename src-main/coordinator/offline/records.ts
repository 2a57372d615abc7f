import type { DeviceId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { decoded } from '../../identity/base64url.ts';
import { openStatement } from '../../identity/signed-statement.ts';
import { OfflineGrant, OfflinePermit, type OfflineRecord, permitDigest } from '../../protocol/offline.ts';
import type { Act, Perform } from '../act.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import type { JobSteps } from '../job-steps.ts';
import type { GrantRecord, JobRecord } from '../store.ts';

/**
 * Releases that a station granted while nobody here could be asked, as the delivering node tells them afterwards. The grant becomes
 * an attempt like any other, already begun; how it ended the node then says as it always does. What happened is written down even
 * where it should not have: such a row says so.
 */
export interface OfflineRecords {
  /** Said twice is said once. `not-found`: the job is not registered yet; `grant-invalid`. */
  take(record: OfflineRecord, node: DeviceId): Promise<void>;
}

export function createOfflineRecords(options: {
  readonly identity: CoordinatorIdentity;
  readonly steps: JobSteps;
  readonly perform: Perform;
  readonly clock: Clock;
}): OfflineRecords {
  const { identity, steps, perform, clock } = options;

  return {
    take: (record, node) =>
      perform(`device:${node}`, async (act) => {
        const grant = await openGrant(act, record);
        if (grant.node !== node) throw new LetterlockError('grant-invalid', 'for another node');
        const job = await act.tables.jobs.get(grant.job);
        if (!job) throw new LetterlockError('not-found', 'job');
        const known = await act.tables.grants.get(grant.id);
        if (known && known.fence !== grant.fence) throw new LetterlockError('grant-invalid', 'another fence');
        if (known) return;
        if (!(await act.tables.holders.of(job.id)).includes(node))
          throw new LetterlockError('grant-invalid', 'no holder');
        const doubts = await doubtsAbout(act, grant, job, clock.now());
        await act.tables.grants.insert(recordOf(grant));
        act.record('grant.offline', grant.id, {
          ...{ job: job.id, fence: grant.fence, node, printer: grant.printer, device: grant.requestedBy },
          ...{ user: grant.user, offline: true, at: grant.issued, doubts }
        });
        await steps.take(
          act,
          job,
          { do: 'offline', fence: grant.fence },
          { printer: grant.printer, detail: { offline: true } }
        );
      })
  };

  async function openGrant(act: Act, { grant: signed, permit }: OfflineRecord): Promise<OfflineGrant> {
    const code = 'grant-invalid' as const;
    const station = await act.tables.devices.get(signed.signer);
    if (!station?.roles.includes('station')) throw new LetterlockError(code, 'signer');
    const publicKey = decoded(station.signing);
    const grant = openStatement({
      ...{ kind: 'offline-grant', signed, publicKey, schema: OfflineGrant, maxBytes: 4096, code }
    });
    const own = { kind: 'offline-permit', signed: permit, publicKey: identity.signing.publicKey };
    const allowed = openStatement({ ...own, schema: OfflinePermit, maxBytes: 1024, code });
    const inTime = Date.parse(grant.issued) < Date.parse(allowed.expires) && grant.issued >= allowed.issued;
    const fits = allowed.station === station.id && grant.requestedBy === station.id;
    if (!fits || !inTime || grant.permit !== permitDigest(permit)) throw new LetterlockError(code, 'permit');
    return grant;
  }
}

/** What would have stood in its way here; for people who read the log. */
async function doubtsAbout({ tables }: Act, grant: OfflineGrant, job: JobRecord, now: number): Promise<string[]> {
  const [user, station, node] = [
    await tables.users.get(grant.user),
    await tables.devices.get(grant.requestedBy),
    await tables.devices.get(grant.node)
  ];
  return [
    ...(job.owner === grant.user ? [] : ['owner']),
    ...(user?.status === 'active' ? [] : ['user']),
    ...(station?.status === 'approved' ? [] : ['station']),
    ...(node?.status === 'approved' ? [] : ['node']),
    ...(job.state === 'held' || job.state === 'released' ? [] : [`job-${job.state}`]),
    ...(Date.parse(grant.issued) > now + 300_000 ? ['clock'] : [])
  ];
}

const recordOf = (grant: OfflineGrant): GrantRecord => {
  const { id, job, node, printer, user, requestedBy, fence } = grant;
  return {
    ...{ id, job, node, printer, user, requestedBy, fence },
    issued: Date.parse(grant.issued),
    expires: Date.parse(grant.expires),
    state: 'claimed',
    delivered: false,
    printerJob: null
  };
};
