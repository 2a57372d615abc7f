import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { DeviceId, GrantId, PrinterId, UserId } from '../../src-preload/contract/index.ts';
import { wipe } from '../base/bytes.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import { signStatement } from '../identity/signed-statement.ts';
import type { Grant, GrantBundle, GrantRequest } from '../protocol/device-api.ts';
import { organizationPart, sealReleaseParts } from '../sealing/release-parts.ts';
import type { Act, Perform } from './act.ts';
import type { Custody } from './custody.ts';
import { requireDelivery } from './delivery-grade.ts';
import type { EventStreams } from './event-streams.ts';
import type { CoordinatorIdentity } from './identity.ts';
import type { JobSteps } from './job-steps.ts';
import { storedManifest } from './manifests.ts';
import type { ReleaseKeys } from './release-keys.ts';
import type { DeviceRecord, JobRecord, PrinterRecord } from './store.ts';

/**
 * Grants: who may have which job printed where is decided here and now, from the database and nothing else, in the transaction
 * that takes the job's one claim. What leaves is a signed statement for one node, for one printer, for seconds, with the two
 * parts of the key that the node lacks, sealed to that node.
 */
export interface Grants {
  /** `user`: from the session; `device`: from the TLS session. */
  issue(request: Claim, user: UserId, device: DeviceId): Promise<z.infer<typeof GrantBundle>>;
}
type Claim = Omit<z.infer<typeof GrantRequest>, 'session'>;

export function createGrants(options: {
  readonly identity: CoordinatorIdentity;
  readonly custody: Custody;
  readonly releaseKeys: ReleaseKeys;
  readonly steps: JobSteps;
  readonly streams: EventStreams;
  readonly perform: Perform;
  readonly clock: Clock;
}): Grants {
  const { identity, custody, releaseKeys, steps, streams, perform, clock } = options;

  return {
    issue: (request, user, device) =>
      perform(`user:${user}`, async (act) => {
        const now = clock.now();
        const printer = await approvedPrinter(act, request.printer);
        const job = await claimedJob(act, request, user, now);
        await requirePolicy(act, printer, job);
        const node = await holdingNode(act, request.node, job);
        if (!streams.isOnline(node.id)) throw new LetterlockError('node-unreachable');

        const grant: Grant = {
          id: randomUUID() as GrantId,
          job: job.id,
          node: node.id,
          printer: printer.id,
          user,
          requestedBy: device,
          fence: job.fence,
          issued: isoTime(now),
          expires: isoTime(now + limits.grantSeconds * 1000)
        };
        const parts = await sealedParts(act, job, node, grant.id);
        const signed = await signStatement('grant', grant, { id: identity.id, key: identity.signing });
        await act.tables.grants.insert({
          ...grant,
          issued: now,
          expires: now + limits.grantSeconds * 1000,
          state: 'claimed',
          delivered: false,
          printerJob: null
        });
        act.record('grant.issued', grant.id, {
          job: job.id,
          fence: job.fence,
          node: node.id,
          printer: printer.id,
          device,
          secondCopy: request.acceptSecondCopy
        });
        return { grant: signed, parts };
      })
  };

  /** The job with its claim taken for this request. */
  async function claimedJob(act: Act, request: Claim, user: UserId, now: number): Promise<JobRecord> {
    const owner = await act.tables.users.get(user);
    if (owner?.status !== 'active') throw new LetterlockError('not-allowed', 'user');
    const found = await act.tables.jobs.get(request.job);
    if (!found) throw new LetterlockError('not-found', 'job');
    if (found.owner !== user) throw new LetterlockError('not-allowed', 'job of another user');
    if (found.expires <= now && found.state !== 'completed' && found.state !== 'printing')
      throw new LetterlockError('job-expired');

    const attempts = await act.tables.grants.ofJob(found.id);
    const lapsed = attempts.find((attempt) => attempt.state === 'claimed' && attempt.expires <= now);
    const job = lapsed ? await steps.take(act, found, { do: 'lapse', fence: lapsed.fence }) : found;
    return steps.take(
      act,
      job,
      { do: 'claim', acceptSecondCopy: request.acceptSecondCopy },
      { printer: request.printer, code: null }
    );
  }

  async function sealedParts(act: Act, job: JobRecord, node: DeviceRecord, grant: GrantId): Promise<Sealed> {
    const manifest = storedManifest(job);
    const releaseKey = await releaseKeys.open(act.tables, manifest.releaseKeyEpoch);
    const jobPart = await custody.take(act.tables, job.id);
    const organization = await organizationPart(releaseKey, manifest);
    try {
      return await sealReleaseParts(
        { jobPart, organizationPart: organization },
        { job: job.id, grant, node: { id: node.id, sealingPublicKey: decoded(node.sealing) } }
      );
    } finally {
      wipe(jobPart, organization);
    }
  }
}

async function approvedPrinter({ tables }: Act, id: PrinterId): Promise<PrinterRecord> {
  const printer = await tables.printers.get(id);
  if (printer?.status !== 'approved') throw new LetterlockError('printer-not-approved');
  return printer;
}

/** What the job was sealed with and what the policy says now: the stricter one counts. */
async function requirePolicy({ tables }: Act, printer: PrinterRecord, job: JobRecord): Promise<void> {
  const policy = (await tables.organization.get())?.policy;
  requireDelivery(printer, job.deliveryGrade, ...(policy ? [policy.deliveryGrade] : []));
}

async function holdingNode({ tables }: Act, id: DeviceId, job: JobRecord): Promise<DeviceRecord> {
  const node = await tables.devices.get(id);
  if (node?.status !== 'approved' || !node.roles.includes('node'))
    throw new LetterlockError('device-not-approved', 'node');
  if (!(await tables.holders.of(job.id)).includes(id))
    throw new LetterlockError('node-unreachable', 'that node does not hold this job');
  return node;
}
