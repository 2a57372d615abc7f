import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Organization } from '../../organization/organization.ts';

/**
 * Where a node may be: what the directory says, then what was found on the link or given by an administrator. Only where to
 * look: who answers has to prove who it is, and an address that fails makes room for the next.
 */
export interface Addresses {
  /** Undefined: nobody knows. */
  of(id: DeviceId): string | undefined;
  /** Nobody, or somebody else, answered there. */
  failed(id: DeviceId, url: string): void;
  found(id: DeviceId, url: string): void;
  lost(id: DeviceId, url: string): void;
}

export function createAddresses(organization: Pick<Organization, 'device'>): Addresses {
  const hints = new Map<DeviceId, readonly string[]>();
  const inUse = new Map<DeviceId, string>();

  const known = (id: DeviceId): string[] => {
    const url = organization.device(id)?.url;
    return [...new Set([...(url ? [url] : []), ...(hints.get(id) ?? [])])];
  };
  const of = (id: DeviceId): string | undefined => {
    const urls = known(id);
    const chosen = inUse.get(id);
    return chosen !== undefined && urls.includes(chosen) ? chosen : urls[0];
  };
  return {
    of,
    failed(id, url) {
      if (of(id) !== url) return;
      const urls = known(id);
      const next = urls[(urls.indexOf(url) + 1) % urls.length];
      if (next !== undefined) inUse.set(id, next);
    },
    /** Of somebody who isn't approved, nothing is kept. */
    found(id, url) {
      if (!organization.device(id)?.roles.includes('node')) return;
      const others = (hints.get(id) ?? []).filter((each) => each !== url);
      hints.set(id, [...others, url].slice(-limits.foundAddresses));
    },
    lost(id, url) {
      hints.set(
        id,
        (hints.get(id) ?? []).filter((each) => each !== url)
      );
    }
  };
}
