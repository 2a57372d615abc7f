import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { SafetyForecast } from '../../src-preload/contract/placement-views.ts';
import { isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import type { JobRecord } from './job-record.ts';
import { isFinal } from './job-state.ts';
import { copiesOf } from './placement.ts';
import { placesOf } from './places.ts';
import type { JobsOrganization } from './port.ts';

/** What is known of other machines, as far as this one sees. */
export interface Surroundings {
  readonly organization: JobsOrganization;
  readonly self: DeviceId;
  /** What a node said of itself last. */
  condition(node: DeviceId): NodeCondition | null;
  /** When it did, in milliseconds since the epoch. */
  heard(node: DeviceId): number | null;
}

export type ForecastJob = Pick<JobRecord, 'state' | 'holders' | 'inOutbox' | 'custody' | 'registration'> &
  Partial<Pick<JobRecord, 'user' | 'site' | 'copies' | 'quorum'>>;

/**
 * Whether this machine may be switched off. Only what is known counts: enough other machines hold the job, are awake now and aren't
 * about to go, and the coordinator can grant its release. In strict custody nobody can print it without this machine.
 */
export function forecastOf(job: ForecastJob, surroundings: Surroundings): SafetyForecast {
  const { organization, self } = surroundings;
  const places = placesOf(job, organization, self);
  const others = places.nodes.filter(({ id }) => id !== self).length;
  const wanted = Math.max(1, Math.min(copiesOf(job, organization), others));
  const awake = job.holders.filter((id) => id !== self && places.has(id) && isAwake(id, organization));
  const staying = awake.filter((id) => !isLeaving(id, surroundings));
  const reason = reasonOf(job, organization, staying.length >= wanted);
  const quorum = isBelowQuorum(job) ? { quorum: { have: job.holders.length, need: job.quorum } } : {};
  return { reason, wanted, awake: staying.length, ...heardOf(staying, surroundings), ...quorum };
}

function heardOf(nodes: readonly DeviceId[], { heard }: Pick<Surroundings, 'heard'>): { heard?: string } {
  const times = nodes.flatMap((id) => heard(id) ?? []);
  return times.length > 0 && times.length === nodes.length ? { heard: isoTime(Math.min(...times)) } : {};
}

function reasonOf(job: ForecastJob, organization: JobsOrganization, enough: boolean): SafetyForecast['reason'] {
  if (isFinal(job.state)) return 'ended';
  if (job.state === 'sealing') return 'sealing';
  if (job.inOutbox && job.holders.length === 0) return 'outbox';
  if (isBelowQuorum(job)) return 'below-quorum';
  if (job.custody === 'strict') return 'strict';
  if (!organization.connected()) return 'coordinator-away';
  if (job.registration) return 'unregistered';
  return enough ? 'enough' : 'too-few';
}

const isBelowQuorum = (job: ForecastJob): job is ForecastJob & { quorum: number } =>
  job.state === 'held' && job.holders.length > 0 && job.holders.length < (job.quorum ?? 1);

export const isAwake = (id: DeviceId, organization: JobsOrganization): boolean =>
  organization.connected() && organization.online().has(id);

/** By its own word, or because its battery will not last. */
export function isLeaving(id: DeviceId, { condition }: Pick<Surroundings, 'condition'>): boolean {
  const said = condition(id);
  if (!said) return false;
  return said.leaving || (said.power === 'battery' && (said.batteryPercent ?? 100) < limits.lowBatteryPercent);
}
