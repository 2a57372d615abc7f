import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { SafetyForecast } from '../../src-preload/contract/placement-views.ts';
import { limits } from '../base/limits.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import { ownReplicas } from '../protocol/own-policy.ts';
import type { JobRecord } from './job-record.ts';
import { isFinal } from './job-state.ts';
import { nodesOf } from './placement.ts';
import type { JobsOrganization } from './port.ts';

/** What is known of other machines, as far as this one sees. */
export interface Surroundings {
  readonly organization: JobsOrganization;
  readonly self: DeviceId;
  /** What a node said of itself last. */
  condition(node: DeviceId): NodeCondition | null;
}

export type ForecastJob = Pick<JobRecord, 'state' | 'holders' | 'inOutbox' | 'custody' | 'registration'>;

/**
 * Whether this machine may be switched off. Only what is known counts: enough other machines hold the job, are awake now and aren't
 * about to go, and the coordinator can grant its release. In strict custody nobody can print it without this machine.
 */
export function forecastOf(job: ForecastJob, surroundings: Surroundings): SafetyForecast {
  const { organization, self } = surroundings;
  const others = nodesOf(organization).filter(({ id }) => id !== self).length;
  const directory = organization.directory();
  const wanted = Math.max(1, Math.min(directory ? ownReplicas(directory, self) : others, others));
  const awake = job.holders.filter((id) => id !== self && isAwake(id, organization));
  const staying = awake.filter((id) => !isLeaving(id, surroundings));
  return { reason: reasonOf(job, organization, staying.length >= wanted), wanted, awake: staying.length };
}

function reasonOf(job: ForecastJob, organization: JobsOrganization, enough: boolean): SafetyForecast['reason'] {
  if (isFinal(job.state)) return 'ended';
  if (job.state === 'sealing') return 'sealing';
  if (job.inOutbox) return 'outbox';
  if (job.custody === 'strict') return 'strict';
  if (!organization.connected()) return 'coordinator-away';
  if (job.registration) return 'unregistered';
  return enough ? 'enough' : 'too-few';
}

export const isAwake = (id: DeviceId, organization: JobsOrganization): boolean =>
  organization.connected() && organization.online().has(id);

/** By its own word, or because its battery will not last. */
export function isLeaving(id: DeviceId, { condition }: Pick<Surroundings, 'condition'>): boolean {
  const said = condition(id);
  if (!said) return false;
  return said.leaving || (said.power === 'battery' && (said.batteryPercent ?? 100) < limits.lowBatteryPercent);
}
