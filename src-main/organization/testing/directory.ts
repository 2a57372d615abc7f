import type { Role } from '../../../src-preload/contract/views.ts';
import { toBase64url } from '../../base/bytes.ts';
import { isoTime } from '../../base/clock.ts';
import type { TestOrganization } from '../../identity/testing/organization.ts';
import type { Directory, DirectoryDevice } from '../../protocol/directory.ts';
import { testPolicy } from '../../protocol/testing/policy.ts';

type Machine = Awaited<ReturnType<TestOrganization['machine']>>;

/** A directory of the least that makes one, not yet signed. `now`: milliseconds since the epoch. */
export function testDirectory(options: {
  readonly organization: TestOrganization['organization'];
  readonly coordinator: Machine;
  readonly version: number;
  readonly now: number;
  readonly devices: readonly { machine: Machine; status: DirectoryDevice['status']; roles?: Role[] }[];
}): Directory {
  const { organization, coordinator, version, now, devices } = options;
  const keysOf = ({ signing, sealing }: Machine) => ({
    signing: toBase64url(signing.publicKey),
    sealing: toBase64url(sealing.publicKey)
  });
  return {
    ...{ version, issued: isoTime(now), organization, site: 'main', coordinators: [] },
    coordinator: { id: coordinator.id, ...keysOf(coordinator) },
    releaseKey: { epoch: 1, publicKey: keysOf(coordinator).sealing },
    policy: testPolicy,
    devices: devices.map(({ machine, status, roles = ['client'] }) => ({
      ...{ id: machine.id, name: machine.name, status, roles, ...keysOf(machine) },
      ...{ url: null, owner: null, ownerName: null }
    })),
    printers: []
  };
}
