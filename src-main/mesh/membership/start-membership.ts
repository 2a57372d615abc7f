import { randomInt } from 'node:crypto';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Organization } from '../../organization/organization.ts';
import type { Directory } from '../../protocol/directory.ts';
import { siteMate } from '../own-site.ts';
import type { Addresses } from './addresses.ts';
import { createGossipClient } from './gossip-client.ts';
import { openMembership } from './membership.ts';
import type { Membership } from './port.ts';
import { swim } from './settings.ts';
import { deviceStatements } from './statements.ts';
import { whoIsThere } from './who-is-there.ts';

/** Membership in a real node: over its connections, under its name, of those that the directory approves. */
export async function startMembership(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly addresses: Addresses;
  /** https://host:port of nodes, given by an administrator. */
  readonly fixed?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Membership> {
  const { identity, organization, addresses, fixed = [], clock, logger } = options;
  const client = createGossipClient({ identity, organization, addresses, clock });
  const membership = await openMembership({
    self: identity.id,
    statements: deviceStatements(identity, organization),
    approved: approvedNodes(organization, identity.id),
    onApprovedChange: organization.onChange,
    send: client.send,
    clock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    logger
  });

  /** Looked at again and again: somebody else may listen there by now. */
  let cancel = (): void => {};
  const lookAround = (): void => {
    for (const url of fixed) {
      whoIsThere(url, identity).then(
        (id) => addresses.found(id, url),
        (error: unknown) => logger.debug({ error, url }, 'no node at a fixed address')
      );
    }
    if (fixed.length > 0) cancel = clock.after(swim.fixedEvery, lookAround);
  };
  lookAround();

  return {
    ...membership,
    close() {
      cancel();
      membership.close();
      client.close();
    }
  };
}

/** Of its own site. Asked many times a second, so it is put together anew only when the directory has changed. None once it counts no longer. */
function approvedNodes(organization: Organization, self: DeviceId): () => ReadonlySet<DeviceId> {
  let known: { readonly directory: Directory | null; readonly nodes: ReadonlySet<DeviceId> } | undefined;
  return () => {
    if (!organization.device(self)) return nobody;
    const directory = organization.directory();
    if (known?.directory !== directory) {
      const nodes = (directory?.devices ?? []).filter(({ id }) => id !== self && siteMate(organization, self, id));
      known = { directory, nodes: new Set(nodes.map(({ id }) => id)) };
    }
    return known.nodes;
  };
}

const nobody: ReadonlySet<DeviceId> = new Set();
