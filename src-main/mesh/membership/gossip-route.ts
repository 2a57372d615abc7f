import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { answerLines } from '../../base/line-channel.ts';
import type { Logger } from '../../base/logger.ts';
import { switchProtocol } from '../../identity/device-upgrade.ts';
import type { PeerIdentity } from '../../identity/peer-identity.ts';
import type { Organization } from '../../organization/organization.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import { gossipPath, gossipProtocol } from '../../protocol/membership.ts';
import { siteMate } from '../own-site.ts';
import type { Membership } from './port.ts';

/**
 * Messages of protocol/membership.ts, of nodes of this one's site: one by POST, or many over a channel that GET opens. The sender is who
 * the TLS session says, and whether it may be heard is asked at each message, whichever way it came.
 */
export function addGossipRoutes(
  app: FastifyInstance,
  options: {
    readonly self: DeviceId;
    readonly organization: Organization;
    readonly membership: Membership;
    readonly clock: Clock;
    readonly logger: Logger;
  }
): void {
  const { self, organization, membership, clock, logger } = options;
  const admit = createGate(clock);
  const mate = ({ device }: PeerIdentity): DirectoryDevice => {
    const caller = siteMate(organization, self, device);
    if (!caller) throw new LetterlockError('not-allowed');
    return caller;
  };
  async function hear(peer: PeerIdentity, message: unknown): Promise<unknown> {
    const caller = mate(peer);
    admit(caller.id);
    return membership.receive(caller.id, message);
  }
  const logged = (error: unknown): never => {
    if (!(error instanceof LetterlockError)) logger.error({ error }, 'a message about members was not answered');
    throw error;
  };

  app.post(gossipPath, { bodyLimit: limits.gossip }, ({ peer, body }) => hear(peer, body));

  const channels = new Map<DeviceId, Set<TLSSocket>>();
  const keep = (id: DeviceId, channel: TLSSocket): void => {
    const open = channels.get(id) ?? new Set();
    channels.set(id, open.add(channel));
    channel.once('close', () => {
      open.delete(channel);
      if (open.size === 0 && channels.get(id) === open) channels.delete(id);
    });
    // A node begins a new one when it has given up an old one.
    const [oldest] = open;
    if (open.size > limits.gossipChannels) oldest?.destroy();
  };
  app.get(gossipPath, async (request, reply) => {
    const { id } = mate(request.peer);
    const channel = switchProtocol(request, reply, gossipProtocol);
    keep(id, channel);
    channel.setTimeout(1.5 * limits.gossipIdleSeconds * 1000, () => channel.destroy());
    answerLines(channel, {
      maxBytes: limits.gossip,
      atOnce: limits.gossipsAtOnce,
      answer: (message) => hear(request.approvedPeer, message).catch(logged)
    });
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
