import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { Failure, Holder, JobView } from '../../src-preload/contract/views.ts';
import { failure } from '../base/errors.ts';
import type { Description } from './descriptions.ts';
import { forecastOf, isAwake, isLeaving, type Surroundings } from './forecast.ts';
import type { JobRecord } from './job-record.ts';

/** `why`: where this machine chose the nodes. */
export type ShownJob = Omit<
  JobRecord,
  | 'v'
  | 'user'
  | 'site'
  | 'userName'
  | 'why'
  | 'held'
  | 'description'
  | 'durable'
  | 'ended'
  | 'blob'
  | 'jobPart'
  | 'copies'
  | 'quorum'
> &
  Partial<Pick<JobRecord, 'user' | 'site' | 'why' | 'copies' | 'quorum'>>;

/** What is known of a job beside its record, and never written in the open. */
export interface Unwritten {
  /** Null where this machine cannot read it. */
  readonly description: Description | null;
  readonly progress?: JobView['progress'];
}

export function viewOf(record: ShownJob, { description, progress }: Unwritten, surroundings: Surroundings): JobView {
  const forecast = forecastOf(record, surroundings);
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
    holders: holderViews(record.holders, surroundings),
    safeToClose: forecast.reason === 'enough',
    inOutbox,
    custody,
    ...(record.why ? { forecast, why: record.why } : {}),
    ...(progress ? { progress } : {}),
    ...(record.printer ? { printer: record.printer } : {}),
    ...(record.failure ? { failure: record.failure } : {})
  };
}

const holderViews = (holders: readonly DeviceId[], surroundings: Surroundings): Holder[] => {
  const { organization } = surroundings;
  return holders.map((id) => ({
    id,
    name: organization.device(id)?.name ?? id,
    alive: isAwake(id, organization),
    ...(isLeaving(id, surroundings) ? { leaving: true } : {})
  }));
};

/** An error as a window may show it. */
export function failureView(error: unknown): Failure {
  const { code, message, detail } = failure(error);
  return { code, message, ...(detail === undefined ? {} : { detail }) };
}
