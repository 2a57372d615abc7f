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
import type { Decisions } from '../protocol/policy.ts';
import type { PrintTerms } from '../protocol/print-terms.ts';
import { watermarkTerm } from '../protocol/watermark.ts';
import { organizationPart, sealReleasedOrganizationPart, sealReleaseParts } from '../sealing/release-parts.ts';
import type { Act, Perform } from './act.ts';
import type { Approvals } from './approvals.ts';
import type { Custody } from './custody.ts';
import { requireDelivery } from './delivery-grade.ts';
import type { EventStreams } from './event-streams.ts';
import type { CoordinatorIdentity } from './identity.ts';
import { advance, type JobStep } from './job-state.ts';
import type { JobSteps } from './job-steps.ts';
import { storedManifest } from './manifests.ts';
import { requirePlace } from './policy/cloud-nodes.ts';
import { type NoteRefusals, requirePrintable } from './policy/enforcement.ts';
import type { ReleaseKeys } from './release-keys.ts';
import { requireIssuer } from './release-tickets.ts';
import type { CoordinatorStore, DeviceRecord, JobRecord, PrinterRecord } from './store.ts';
import { requireUsable } from './suspensions.ts';
import { isDelegate } from './users/delegates.ts';

/**
 * Grants: who may have which job printed where is decided here and now, from the database and nothing else, in the transaction
 * that takes the job's one claim. What leaves is a signed statement for one node, for one printer, for seconds, with the parts
 * of the key that the node lacks, sealed to that node: both, or in strict custody the organization's alone.
 */
export interface Grants {
  /**
   * `user`: from the session; `device`: from the TLS session. A job in strict custody that another device than its own asks for
   * waits for the owner's word there; `signal` withdraws the question. With a ticket nobody is asked: whoever asks has the job part.
   */
  issue(request: Claim, user: UserId, device: DeviceId, signal: AbortSignal): Promise<z.infer<typeof GrantBundle>>;
}
type Claim = Omit<z.infer<typeof GrantRequest>, 'session'>;

export function createGrants(options: {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly custody: Custody;
  readonly releaseKeys: ReleaseKeys;
  readonly steps: JobSteps;
  readonly streams: EventStreams;
  readonly approvals: Approvals;
  readonly perform: Perform;
  readonly noteRefusals: NoteRefusals;
  readonly clock: Clock;
}): Grants {
  const { store, identity, custody, releaseKeys, steps, streams, approvals, perform, noteRefusals, clock } = options;
  const usable = ({ tables }: Act, { job, node }: Claim) =>
    requireUsable(tables, { organization: identity.organization, job, node });

  return {
    issue: (request, user, device, signal) =>
      noteRefusals({ actor: `user:${user}`, step: 'grant' }, (concerns) => {
        const id = randomUUID() as GrantId;
        concerns(request.job, id);
        return issue(id, request, user, device, signal);
      })
  };

  async function issue(id: GrantId, request: Claim, user: UserId, device: DeviceId, signal: AbortSignal) {
    const job = await store.tables.jobs.get(request.job);
    if (!job || request.ticket || !isStrict(job) || job.device === device) return grant(id, request, user, device);

    await requireAskable(request, user, device);
    const { node, printer } = request;
    const delegate = job.owner === user ? undefined : (await store.tables.users.get(user))?.name;
    const question = { id, job: request.job, node, printer, requestedBy: device, delegate, custodian: job.device };
    const jobPart = await approvals.ask(question, signal);
    // All is checked once more: the answer took its time.
    return { ...(await grant(id, request, user, device)), jobPart };
  }

  /** Nobody is asked about what would be refused anyway. */
  function requireAskable(request: Claim, user: UserId, device: DeviceId): Promise<void> {
    return perform(`user:${user}`, async (act) => {
      const now = clock.now();
      const job = await ownJob(act, request, { user, device, now });
      await usable(act, request);
      const attempts = (await act.tables.grants.ofJob(job.id)).map((attempt) =>
        hasLapsed(attempt, now) ? { ...attempt, state: 'lapsed' as const } : attempt
      );
      const next = advance({ closed: job.closed, attempts }, claimOf(request));
      if (typeof next === 'string') throw new LetterlockError(next);
      await nodeFor(act, request, job, await approvedPrinter(act, request.printer));
      act.record('release.asked', job.id, {
        device,
        node: request.node,
        printer: request.printer,
        ...ownerIfOther(job, user)
      });
    });
  }

  function grant(id: GrantId, request: Claim, user: UserId, device: DeviceId): Promise<GrantBundle> {
    return perform(`user:${user}`, async (act) => {
      const now = clock.now();
      const printer = await approvedPrinter(act, request.printer);
      await usable(act, request);
      const job = await claimedJob(act, request, { user, device, now });
      const ticket = request.ticket && isStrict(job) && job.device !== device;
      if (ticket) await requireIssuer(act, job);
      const { node, terms, decisions } = await nodeFor(act, request, job, printer);
      const { name = '' } = (await act.tables.users.get(user)) ?? {};
      const watermark = watermarkTerm(decisions, { user: name, printer: printer.name, job: job.id, now });
      const claim: Omit<Grant, 'terms'> = {
        id,
        job: job.id,
        node: node.id,
        printer: printer.id,
        user,
        requestedBy: device,
        fence: job.fence,
        issued: isoTime(now),
        expires: isoTime(now + limits.grantSeconds * 1000)
      };
      const follows = request.acceptSecondCopy ? await uncertainOnes(act, job) : [];
      const grant: Grant = { ...claim, terms: { ...terms, ...watermark }, ...(follows.length > 0 ? { follows } : {}) };
      const parts = await sealedParts(act, job, node, grant.id);
      const signed = await signStatement('grant', grant, { id: identity.id, key: identity.signing });
      await act.tables.grants.insert({
        ...claim,
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
        secondCopy: request.acceptSecondCopy,
        ...(ticket ? { ticket } : {}),
        ...ownerIfOther(job, user)
      });
      return { grant: signed, parts };
    });
  }

  /** The job with its claim taken for this request. */
  async function claimedJob(act: Act, request: Claim, asker: Asker): Promise<JobRecord> {
    const { now } = asker;
    const found = await ownJob(act, request, asker);
    const attempts = await act.tables.grants.ofJob(found.id);
    const lapsed = attempts.find((attempt) => hasLapsed(attempt, now));
    const job = lapsed ? await steps.take(act, found, { do: 'lapse', fence: lapsed.fence }) : found;
    return steps.take(act, job, claimOf(request), { printer: request.printer, code: null });
  }

  /**
   * The node that is to deliver, and what it has to check. What the job was sealed with and what the policy says now of its
   * owner at this printer: the stricter one counts.
   */
  async function nodeFor(
    act: Act,
    request: Claim,
    job: JobRecord,
    printer: PrinterRecord
  ): Promise<{ node: DeviceRecord; terms: PrintTerms; decisions: Decisions }> {
    const whose = { user: job.owner, printer: printer.id, now: clock.now() };
    const { decisions, terms } = await requirePrintable(act.tables, whose);
    requireDelivery(printer, job.deliveryGrade, decisions.deliveryGrade.value);
    const node = await holdingNode(act, request.node, job);
    await requirePlace(act.tables, node.id, storedManifest(job));
    if (!streams.isOnline(node.id)) throw new LetterlockError('node-unreachable');
    return { node, terms, decisions };
  }

  async function sealedParts(act: Act, job: JobRecord, node: DeviceRecord, grant: GrantId): Promise<Sealed> {
    const manifest = storedManifest(job);
    const to = { job: job.id, grant, node: { id: node.id, sealingPublicKey: decoded(node.sealing) } };
    const jobPart = manifest.custody === 'strict' ? null : await custody.take(act.tables, job.id);
    const releaseKey = await releaseKeys.open(act.tables, manifest.releaseKeyEpoch);
    const organization = await organizationPart(releaseKey, manifest);
    try {
      if (!jobPart) return await sealReleasedOrganizationPart(organization, to);
      return await sealReleaseParts({ jobPart, organizationPart: organization }, to);
    } finally {
      wipe(jobPart ?? undefined, organization);
    }
  }
}

interface Asker {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly now: number;
}

/** The user's own, or of somebody who lets them release it; that only at a station, where they stand themselves. */
async function ownJob({ tables }: Act, request: Claim, { user, device, now }: Asker): Promise<JobRecord> {
  if ((await tables.users.get(user))?.status !== 'active') throw new LetterlockError('not-allowed', 'user');
  const job = await tables.jobs.get(request.job);
  if (!job) throw new LetterlockError('not-found', 'job');
  if (job.owner !== user) {
    const atStation = (await tables.devices.get(device))?.roles.includes('station') ?? false;
    if (!atStation || !(await isDelegate(tables, { owner: job.owner, user, now })))
      throw new LetterlockError('not-allowed', 'job of another user');
  }
  if (job.expires <= now && job.state !== 'completed' && job.state !== 'printing')
    throw new LetterlockError('job-expired');
  return job;
}

/** The actor is who released it; whose job it was is written beside. */
const ownerIfOther = ({ owner }: JobRecord, user: UserId) => (owner === user ? {} : { owner });

const isStrict = (job: JobRecord): boolean => storedManifest(job).custody === 'strict';

const claimOf = ({ acceptSecondCopy }: Claim): JobStep => ({ do: 'claim', acceptSecondCopy });

const hasLapsed = (attempt: { state: string; expires: number }, now: number): boolean =>
  attempt.state === 'claimed' && attempt.expires <= now;

async function approvedPrinter({ tables }: Act, id: PrinterId): Promise<PrinterRecord> {
  const printer = await tables.printers.get(id);
  if (printer?.status !== 'approved') throw new LetterlockError('printer-not-approved');
  return printer;
}

async function holdingNode({ tables }: Act, id: DeviceId, job: JobRecord): Promise<DeviceRecord> {
  const node = await tables.devices.get(id);
  if (node?.status !== 'approved' || !node.roles.includes('node'))
    throw new LetterlockError('device-not-approved', 'node');
  if (!(await tables.holders.of(job.id)).includes(id))
    throw new LetterlockError('node-unreachable', 'that node does not hold this job');
  return node;
}

/** Earlier releases of the job of which nobody knows whether they printed; newest last. */
async function uncertainOnes({ tables }: Act, job: JobRecord): Promise<GrantId[]> {
  const attempts = await tables.grants.ofJob(job.id);
  const uncertain = attempts.filter(({ state }) => state === 'uncertain').map(({ id }) => id);
  return uncertain.slice(-limits.followedGrants);
}
