import type { z } from 'zod';
import type { DeviceId, GrantId, OrganizationId } from '../../src-preload/contract/index.ts';
import { isErrorCode } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { Act, Perform } from './act.ts';
import type { JobSteps } from './job-steps.ts';
import { type NoteRefusals, requirePrintable } from './policy/enforcement.ts';
import { countPages } from './policy/page-counts.ts';
import type { GrantRecord, JobRecord } from './store.ts';
import { requireUsable } from './suspensions.ts';
import { isDelegate } from './users/delegates.ts';

/** What the granted node says about its release: that it begins, and how it ended. Said twice is said once. */
export interface Outcomes {
  /** Before the first byte. Once, in time, and only for the current claim. */
  start(grant: GrantId, node: DeviceId): Promise<void>;
  report(grant: GrantId, node: DeviceId, outcome: z.infer<typeof Outcome>): Promise<void>;
}

export function createOutcomes(options: {
  readonly organization: OrganizationId;
  readonly steps: JobSteps;
  readonly perform: Perform;
  readonly noteRefusals: NoteRefusals;
  readonly clock: Clock;
}): Outcomes {
  const { organization, steps, perform, noteRefusals, clock } = options;

  return {
    start: (id, node) =>
      noteRefusals({ actor: `device:${node}`, step: 'start' }, (concerns) =>
        perform(`device:${node}`, async (act) => {
          const { grant, job } = await grantOf(act, id, node);
          concerns(job.id, id);
          if (grant.state === 'claimed' && grant.expires <= clock.now()) throw new LetterlockError('grant-expired');
          const printer = await act.tables.printers.get(grant.printer);
          if (printer?.status !== 'approved') throw new LetterlockError('printer-not-approved');
          const user = await act.tables.users.get(grant.user);
          if (user?.status !== 'active') throw new LetterlockError('not-allowed', 'user');
          if (
            job.owner !== user.id &&
            !(await isDelegate(act.tables, { owner: job.owner, user: user.id, now: clock.now() }))
          )
            throw new LetterlockError('not-allowed', 'job of another user');
          const asker = await act.tables.devices.get(grant.requestedBy);
          if (asker?.status !== 'approved') throw new LetterlockError('device-not-approved', 'the device that asked');
          await requireUsable(act.tables, { organization, job: job.id, node, device: grant.requestedBy });
          await requirePrintable(act.tables, { user: job.owner, printer: printer.id, now: clock.now() });
          await steps.take(act, job, { do: 'start', fence: grant.fence }, { detail: { grant: id, node } });
        })
      ),

    report: (id, node, outcome) =>
      perform(`device:${node}`, async (act) => {
        const { grant, job } = await grantOf(act, id, node);
        if (outcome.result === 'delivered') return delivered(act, grant, outcome.printerJob ?? null);
        const code = outcome.result === 'completed' ? null : safeCode(outcome.code);
        const detail = { grant: id, node, ...(code === null ? {} : { code }) };
        const after = await steps.take(act, job, { do: outcome.result, fence: grant.fence }, { code, detail });
        if (outcome.result === 'completed')
          await countPages(act, { grant, job, printed: outcome.printed, now: clock.now() });
        if (outcome.refused && code === 'policy-refused')
          act.record('policy.refused', job.id, { ...outcome.refused, step: 'delivery', grant: id });
        // Whose owner was removed meanwhile: nobody is left who could fetch it.
        const waits = after.state === 'held' || after.state === 'uncertain';
        if (waits && !(await act.tables.users.get(job.owner))) await steps.take(act, after, { do: 'cancel' });
      })
  };
}

async function delivered(act: Act, grant: GrantRecord, printerJob: number | null): Promise<void> {
  if (grant.state === 'claimed' || grant.state === 'lapsed') throw new LetterlockError('conflict', 'not started');
  if (grant.delivered) return;
  await act.tables.grants.setDelivered(grant.id, printerJob);
  act.record('grant.delivered', grant.id, { job: grant.job, node: grant.node, printerJob });
}

async function grantOf(act: Act, id: GrantId, node: DeviceId): Promise<{ grant: GrantRecord; job: JobRecord }> {
  const grant = await act.tables.grants.get(id);
  if (grant?.node !== node) throw new LetterlockError('grant-invalid');
  const job = await act.tables.jobs.get(grant.job);
  if (!job) throw new LetterlockError('grant-invalid');
  return { grant, job };
}

/** What comes from a node is shown to people: only our own codes pass. */
const safeCode = (code: string | undefined): string => (isErrorCode(code) ? code : 'internal');
