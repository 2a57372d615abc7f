import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { Failure, Holder, JobView } from '../../src-preload/contract/views.ts';
import { failure } from '../base/errors.ts';
import type { Description } from './descriptions.ts';
import type { JobRecord } from './job-record.ts';
import { isFinal } from './job-state.ts';
import { nodesOf } from './placement.ts';
import type { JobsOrganization } from './port.ts';

export type ShownJob = Omit<
  JobRecord,
  'v' | 'userName' | 'held' | 'description' | 'durable' | 'ended' | 'blob' | 'jobPart'
>;

/** What is known of a job beside its record, and never written in the open. */
export interface Unwritten {
  /** Null where this machine cannot read it. */
  readonly description: Description | null;
  readonly progress?: JobView['progress'];
}

export function viewOf(
  record: ShownJob,
  { description, progress }: Unwritten,
  { organization, self }: { organization: JobsOrganization; self: DeviceId }
): JobView {
  const { id, state, owner, size, created, expires, inOutbox, custody } = record;
  return {
    id,
    state,
    owner,
    size,
    created,
    expires,
    title: description?.title ?? null,
    documents: description?.documents ?? 1,
    facts: description?.facts ?? {},
    holders: holderViews(record.holders, organization),
    safeToClose: safeToClose(record, organization, self),
    inOutbox,
    custody,
    ...(progress ? { progress } : {}),
    ...(record.printer ? { printer: record.printer } : {}),
    ...(record.failure ? { failure: record.failure } : {})
  };
}

const holderViews = (holders: readonly DeviceId[], organization: JobsOrganization): Holder[] =>
  holders.map((id) => ({ id, name: organization.device(id)?.name ?? id, alive: isAwake(id, organization) }));

/** An error as a window may show it. */
export function failureView(error: unknown): Failure {
  const { code, message, detail } = failure(error);
  return { code, message, ...(detail === undefined ? {} : { detail }) };
}

const isAwake = (id: DeviceId, organization: JobsOrganization): boolean =>
  organization.connected() && organization.online().has(id);

/**
 * Only what is known counts: enough other machines that are awake now hold it, and the coordinator can grant its release. In strict
 * custody nobody can print it without this machine.
 */
function safeToClose(record: ShownJob, organization: JobsOrganization, self: DeviceId): boolean {
  if (record.custody === 'strict') return false;
  if (record.state === 'sealing' || isFinal(record.state) || record.inOutbox || record.registration) return false;
  const others = nodesOf(organization).filter((node) => node.id !== self).length;
  const wanted = Math.min(organization.directory()?.policy.replicas ?? Number.POSITIVE_INFINITY, others);
  const awake = record.holders.filter((id) => id !== self && isAwake(id, organization)).length;
  return awake >= Math.max(1, wanted);
}
