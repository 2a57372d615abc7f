import type { Agent } from 'node:https';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { deviceAgent } from '../../identity/device-agent.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Organization } from '../../organization/organization.ts';
import type { Addresses } from './addresses.ts';
import { createGossipLink, type GossipLink } from './gossip-link.ts';

/**
 * Messages about members over the nodes' mutually authenticated HTTPS, on connections of their own: they never wait behind a
 * document. A peer that hangs costs limits.gossipsAtOnce messages for limits.gossipSeconds; further ones to it fail at once.
 */
export function createGossipClient(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Pick<Organization, 'device' | 'onChange'>;
  readonly addresses: Addresses;
  readonly clock: Clock;
}) {
  const { identity, organization, addresses, clock } = options;
  const peers = new Map<DeviceId, { readonly agent: Agent; link?: GossipLink; underWay: number }>();

  const drop = (id: DeviceId): void => {
    peers.get(id)?.link?.close();
    peers.get(id)?.agent.destroy();
    peers.delete(id);
  };
  const offChange = organization.onChange(() => {
    for (const id of peers.keys()) if (!organization.device(id)) drop(id);
  });
  const peerOf = (id: DeviceId) => {
    const peer = peers.get(id) ?? { agent: deviceAgent({ identity, expect: id }), underWay: 0 };
    peers.set(id, peer);
    return peer;
  };

  return {
    /** Throws `node-unreachable`, `certificate-invalid`, or the node's own code. */
    async send(to: DeviceId, message: unknown): Promise<unknown> {
      if (!organization.device(to)?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node');
      const url = addresses.of(to);
      const peer = peerOf(to);
      if (url === undefined || peer.underWay >= limits.gossipsAtOnce) throw new LetterlockError('node-unreachable');
      if (peer.link?.url !== url) {
        peer.link?.close();
        peer.link = createGossipLink({ agent: peer.agent, url, clock });
      }
      peer.underWay += 1;
      try {
        return await peer.link.send(message);
      } catch (error) {
        if (error instanceof LetterlockError && elsewhere.has(error.code)) addresses.failed(to, url);
        throw error;
      } finally {
        peer.underWay -= 1;
      }
    },
    close() {
      offChange();
      for (const id of peers.keys()) drop(id);
    }
  };
}

/** Nobody is there, or somebody else. */
const elsewhere: ReadonlySet<string> = new Set(['node-unreachable', 'certificate-invalid']);
