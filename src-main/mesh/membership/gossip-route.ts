import type { FastifyInstance } from 'fastify';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Organization } from '../../organization/organization.ts';
import { siteMate } from '../own-site.ts';
import type { Membership } from './port.ts';

/** POST /v1/mesh/gossip: protocol/membership.ts, of nodes of this one's site. The sender is who the TLS session says. */
export function addGossipRoute(
  app: FastifyInstance,
  options: {
    readonly self: DeviceId;
    readonly organization: Organization;
    readonly membership: Membership;
    readonly clock: Clock;
  }
): void {
  const { self, organization, membership, clock } = options;
  const admit = createGate(clock);
  app.post('/v1/mesh/gossip', { bodyLimit: limits.gossip }, async ({ peer, body }) => {
    const caller = siteMate(organization, self, peer.device);
    if (!caller) throw new LetterlockError('not-allowed');
    admit(caller.id);
    return membership.receive(caller.id, body);
  });
}

/** A token bucket for each node. Throws `rate-limited`. */
function createGate(clock: Clock): (from: DeviceId) => void {
  const buckets = new Map<DeviceId, { readonly left: number; readonly at: number }>();
  return (from) => {
    const now = clock.now();
    const { left, at } = buckets.get(from) ?? { left: limits.gossipBurst, at: now };
    const filled = Math.min(limits.gossipBurst, left + (Math.max(0, now - at) / 1000) * limits.gossipPerSecond);
    if (filled < 1) throw new LetterlockError('rate-limited', 'messages about members');
    buckets.set(from, { left: filled - 1, at: now });
  };
}
