import type { z } from 'zod';
import type { DeviceId, JobId, UserId } from '../../src-preload/contract/index.ts';
import { wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { RegisterJob } from '../protocol/device-api.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { type Decisions, PolicyRefused } from '../protocol/policy.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { openJobPart } from '../sealing/release-parts.ts';
import type { Act, Perform } from './act.ts';
import type { Custody } from './custody.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';
import type { CoordinatorIdentity } from './identity.ts';
import type { JobEvents } from './job-events.ts';
import type { JobSteps } from './job-steps.ts';
import { storedManifest } from './manifests.ts';
import { requirePlace } from './policy/cloud-nodes.ts';
import { type NoteRefusals, requireSubmittable } from './policy/enforcement.ts';
import { openErasureReceipt, openHoldingReceipt } from './receipts.ts';
import type { ReleaseKeys } from './release-keys.ts';
import { requireOwnSite } from './sites/sites.ts';

/** Jobs from their registration to their end, as far as nobody prints them. Sizes, ids and times; no title ever comes here. */
export interface JobRegistry {
  /**
   * Registered once; said again with further receipts it only adds these. `owner`: the user that the device prints for, or who
   * has signed in there.
   */
  register(request: NewJob, device: DirectoryDevice, owner: UserId | null): Promise<void>;
  /** A further replica: from the device that printed the job, or from a node. */
  addHolder(job: JobId, receipt: Signed, caller: DirectoryDevice): Promise<void>;
  /** By the device that printed it, by its owner, or by an administrator (`actor` says who). */
  cancel(job: JobId, by: { device: DeviceId } | { user: UserId } | { admin: string }): Promise<void>;
  erased(receipt: Signed, caller: DeviceId): Promise<void>;
}

export type NewJob = Omit<z.infer<typeof RegisterJob>, 'session'>;

/** A client's clock may be ahead by so much. */
const skewMs = 5 * 60 * 1000;

export function createJobRegistry(options: {
  readonly identity: CoordinatorIdentity;
  readonly custody: Custody;
  readonly releaseKeys: ReleaseKeys;
  readonly directory: DirectoryKeeper;
  readonly events: JobEvents;
  readonly steps: JobSteps;
  readonly perform: Perform;
  readonly noteRefusals: NoteRefusals;
  readonly clock: Clock;
  readonly rearm: () => void;
}): JobRegistry {
  const { identity, custody, releaseKeys, directory, events, steps, perform, noteRefusals, clock, rearm } = options;

  async function hold(act: Act, manifest: Manifest, receipts: readonly Signed[]): Promise<void> {
    for (const signed of receipts) {
      const { node } = openHoldingReceipt(signed, manifest, directory);
      await requirePlace(act.tables, node, manifest);
      if (!(await act.tables.holders.insert(manifest.job, node, JSON.stringify(signed)))) continue;
      act.record('job.replicated', manifest.job, { node });
      act.after(() => events.changed(manifest.job));
      // A replica that came too late must go like the others.
      act.after(() => events.erase(node, manifest.job));
    }
  }

  async function insert(act: Act, manifest: Manifest, request: NewJob): Promise<void> {
    if ((await act.tables.jobs.countOpenOfDevice(manifest.device)) >= limits.openJobs)
      throw new LetterlockError('policy-refused', `at most ${limits.openJobs} jobs of one machine at a time`);
    await releaseKeys.require(act.tables, manifest.releaseKeyEpoch);
    await act.tables.jobs.insert({
      id: manifest.job,
      owner: manifest.owner,
      device: manifest.device,
      size: manifest.size,
      created: Date.parse(manifest.created),
      expires: Date.parse(manifest.expires),
      deliveryGrade: manifest.deliveryGrade,
      epoch: manifest.releaseKeyEpoch,
      manifest: request.manifest.payload,
      closed: null,
      state: 'held',
      fence: 0,
      printer: null,
      code: null,
      updated: clock.now()
    });
    if (request.jobPart) await keep(act, manifest.job, request.jobPart);
    act.record('job.registered', manifest.job, {
      device: manifest.device,
      owner: manifest.owner,
      size: manifest.size,
      custody: manifest.custody
    });
    act.after(rearm);
  }

  async function keep(act: Act, job: JobId, sealed: Sealed): Promise<void> {
    const custodian = { id: identity.id, key: identity.sealing };
    const jobPart = await openJobPart(sealed, { job, custodian });
    await custody.keep(act.tables, job, jobPart).finally(() => wipe(jobPart));
  }

  return {
    register: (request, device, owner) =>
      noteRefusals({ actor: `device:${device.id}`, step: 'submit' }, (concerns) =>
        perform(`device:${device.id}`, async (act) => {
          const manifest = openManifest(request.manifest, decoded(device.signing));
          concerns(manifest.job);
          const known = await act.tables.jobs.get(manifest.job);
          if (known && known.manifest !== request.manifest.payload) throw new LetterlockError('conflict', 'job id');
          if (!known) {
            if (request.receipts.length === 0) throw new LetterlockError('input-invalid', 'receipts');
            await requireOwner(act, manifest, owner);
            await requireSite(act, manifest);
            const decisions = await requireSubmittable(act.tables, manifest.owner, manifest.site);
            requirePolicy(manifest, decisions, directory, clock.now());
            requireCustody(manifest, request, device, decisions);
            await insert(act, manifest, request);
          }
          await hold(act, manifest, request.receipts);
          act.after(() => events.changed(manifest.job));
        })
      ),

    addHolder: (id, receipt, caller) =>
      perform(`device:${caller.id}`, async (act) => {
        const job = await act.tables.jobs.get(id);
        if (!job) throw new LetterlockError('not-found', 'job');
        if (job.device !== caller.id && !caller.roles.includes('node')) throw new LetterlockError('not-allowed', 'job');
        await hold(act, storedManifest(job), [receipt]);
      }),

    cancel: (id, by) =>
      perform(actorOf(by), async (act) => {
        const job = await act.tables.jobs.get(id);
        if (!job) throw new LetterlockError('not-found', 'job');
        const may = 'admin' in by || ('device' in by ? job.device === by.device : job.owner === by.user);
        if (!may) throw new LetterlockError('not-allowed', 'job of somebody else');
        await steps.take(act, job, { do: 'cancel' });
      }),

    erased: (signed, caller) =>
      perform(`device:${caller}`, async (act) => {
        const { job, node, reason, at } = openErasureReceipt(signed, directory);
        if (node !== caller) throw new LetterlockError('not-allowed', 'receipt of another node');
        if (!(await act.tables.holders.erased(job, node, clock.now()))) return;
        // Whole, so that an export of the log proves it with the key that `device.approved` names.
        const { payload, signature } = signed;
        act.record('job.erased', job, { node, reason, at, payload, signature });
        act.after(() => events.changed(job));
      })
  };
}

async function requireOwner(act: Act, manifest: Manifest, owner: UserId | null): Promise<void> {
  if (owner === null) throw new LetterlockError('no-owner');
  if (manifest.owner !== owner) throw new LetterlockError('not-allowed', 'owner');
  const user = await act.tables.users.get(owner);
  if (user?.status !== 'active') throw new LetterlockError('not-allowed', 'the owner is suspended');
}

async function requireSite({ tables }: Act, manifest: Manifest): Promise<void> {
  const device = await tables.devices.get(manifest.device);
  if (!device) throw new LetterlockError('device-not-approved');
  await requireOwnSite(tables, manifest, device);
}

function requirePolicy(manifest: Manifest, { holdHours }: Decisions, directory: DirectoryKeeper, now: number): void {
  const { organization } = directory.current();
  if (manifest.organization !== organization.id) throw new LetterlockError('policy-refused', 'organization');
  const created = Date.parse(manifest.created);
  const expires = Date.parse(manifest.expires);
  if (created > now + skewMs) throw new LetterlockError('policy-refused', 'created');
  if (expires <= now) throw new LetterlockError('job-expired');
  if (expires - created > holdHours.value * 3600 * 1000) throw new PolicyRefused('holdHours', holdHours);
}

/** The owner's own device may be stricter than the policy, never laxer; where others sign in too nobody could approve. */
function requireCustody(
  { custody, owner }: Manifest,
  { jobPart }: NewJob,
  device: DirectoryDevice,
  decisions: Decisions
): void {
  const strict = custody === 'strict';
  if (strict !== (jobPart === null)) throw new LetterlockError('input-invalid', 'jobPart');
  if (!strict && decisions.custody.value === 'strict') throw new PolicyRefused('custody', decisions.custody);
  if (strict && !(device.owner === owner && device.roles.includes('client')))
    throw new LetterlockError('policy-refused', 'custody');
}

function actorOf(by: { device: DeviceId } | { user: UserId } | { admin: string }): string {
  if ('device' in by) return `device:${by.device}`;
  return 'user' in by ? `user:${by.user}` : by.admin;
}
