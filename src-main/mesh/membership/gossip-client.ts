import type { Agent } from 'node:https';
import { z } from 'zod';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { deviceAgent } from '../../identity/device-agent.ts';
import { request } from '../../identity/device-http.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Organization } from '../../organization/organization.ts';
import type { Addresses } from './addresses.ts';

/**
 * Messages about members over the nodes' mutually authenticated HTTPS, on connections of their own: they never wait behind a
 * document. The other side ends those that were idle for a minute. A peer that hangs costs limits.gossipsAtOnce connections
 * for limits.gossipSeconds; further messages to it fail at once.
 */
export function createGossipClient(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Pick<Organization, 'device' | 'onChange'>;
  readonly addresses: Addresses;
}) {
  const { identity, organization, addresses } = options;
  const peers = new Map<DeviceId, { readonly agent: Agent; underWay: number }>();

  const offChange = organization.onChange(() => {
    for (const [id, { agent }] of peers) {
      if (organization.device(id)) continue;
      agent.destroy();
      peers.delete(id);
    }
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
      peer.underWay += 1;
      try {
        return await request({
          ...{ agent: peer.agent, url, path: '/v1/mesh/gossip', body: message, schema: z.unknown() },
          unreachable: 'node-unreachable',
          idleSeconds: limits.gossipSeconds
        });
      } catch (error) {
        if (error instanceof LetterlockError && elsewhere.has(error.code)) addresses.failed(to, url);
        throw error;
      } finally {
        peer.underWay -= 1;
      }
    },
    close() {
      offChange();
      for (const { agent } of peers.values()) agent.destroy();
      peers.clear();
    }
  };
}

/** Nobody is there, or somebody else. */
const elsewhere: ReadonlySet<string> = new Set(['node-unreachable', 'certificate-invalid']);
