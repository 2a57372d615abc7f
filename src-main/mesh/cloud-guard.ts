import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { Organization } from '../organization/organization.ts';
import { type JobOrigin, requirePlace } from '../protocol/cloud.ts';

/**
 * Stands where blobs leave this machine: nothing of a job goes to a cloud node unless the directory lets the job lie there. Checked
 * before anything is dialled, and again whenever the directory changes, for what is on its way.
 */
export interface CloudGuard {
  /** Throws `policy-refused`. */
  check(node: DeviceId, job: JobOrigin): void;
  /** The same; the signal breaks off what is under way once it is refused. `done`: it is over. */
  watch(node: DeviceId, job: JobOrigin): { readonly signal: AbortSignal; readonly done: () => void };
  close(): void;
}

export function createCloudGuard(organization: Pick<Organization, 'directory' | 'device' | 'onChange'>): CloudGuard {
  const underWay = new Map<AbortController, { readonly node: DeviceId; readonly job: JobOrigin }>();

  /** A node that is not approved is no place for anything; whoever dials finds that out. */
  const check = (node: DeviceId, job: JobOrigin): void => {
    const device = organization.device(node);
    if (device) requirePlace(device, organization.directory(), job);
  };
  const off = organization.onChange(() => {
    for (const [stop, { node, job }] of underWay) {
      try {
        check(node, job);
      } catch (error) {
        underWay.delete(stop);
        stop.abort(error);
      }
    }
  });

  return {
    check,
    watch(node, job) {
      check(node, job);
      const stop = new AbortController();
      underWay.set(stop, { node, job });
      return { signal: stop.signal, done: () => void underWay.delete(stop) };
    },
    close: off
  };
}
