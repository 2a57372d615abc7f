import { z } from 'zod';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { inspectingAgent } from '../../identity/device-agent.ts';
import { request } from '../../identity/device-http.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { peerOf } from '../../identity/peer-identity.ts';
import { deviceTlsClient } from '../../identity/tls.ts';

/**
 * Which machine of the organization listens at an address that somebody typed. Its certificate has to be one of the
 * organization's; whether that machine may be talked to is the directory's business, and asked at each message.
 */
export async function whoIsThere(url: string, identity: DeviceIdentity): Promise<DeviceId> {
  let device: DeviceId | undefined;
  const agent = inspectingAgent(
    { keepAlive: false },
    (socket) => {
      device = peerOf(socket).device;
    },
    () => ({ ...deviceTlsClient({ identity, expect: identity.id }), checkServerIdentity: () => undefined })
  );
  try {
    await request({
      ...{ agent, url, path: '/v1/health', method: 'GET', schema: z.unknown() },
      unreachable: 'node-unreachable',
      idleSeconds: limits.gossipSeconds
    });
  } finally {
    agent.destroy();
  }
  if (!device) throw new LetterlockError('node-unreachable');
  return device;
}
