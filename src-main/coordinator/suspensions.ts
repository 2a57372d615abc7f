import type { DeviceId, JobId, OrganizationId } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Act } from './act.ts';
import type { Tables } from './store.ts';

/**
 * Suspension: a lock that is kept beside what it locks. Nothing is destroyed and nothing is opened; asked for wherever a part
 * of a key would leave its wrapping.
 */
export interface Subjects {
  readonly organization: OrganizationId;
  readonly job?: JobId;
  readonly node?: DeviceId;
  readonly device?: DeviceId;
}

/** Throws `suspended`, with what it is in the detail. */
export async function requireUsable({ suspensions }: Tables, subjects: Subjects): Promise<void> {
  for (const [what, id] of Object.entries(subjects))
    if (await suspensions.has(id)) throw new LetterlockError('suspended', what);
}

/** Said twice is said once. */
export async function setSuspended(
  { tables, record }: Act,
  what: keyof Subjects,
  { id, suspended, now }: { readonly id: string; readonly suspended: boolean; readonly now: number }
): Promise<boolean> {
  const changed = suspended ? await tables.suspensions.add(id, now) : await tables.suspensions.remove(id);
  if (changed) record(`${what}.${suspended ? 'suspended' : 'resumed'}`, id);
  return changed;
}
