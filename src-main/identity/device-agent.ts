import { X509Certificate } from 'node:crypto';
import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, TLSSocket } from 'node:tls';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { peerOf } from './peer-identity.ts';
import { deviceTlsClient, type TlsIdentity } from './tls.ts';

/** Keep-alive agent for one expected device: on every connection it proves who it is before the first byte of a request. */
export function deviceAgent(options: {
  readonly identity: { readonly tls: TlsIdentity };
  readonly expect: DeviceId;
  readonly maxSockets?: number;
}): Agent {
  const { identity, expect, maxSockets = 64 } = options;
  const credentials = () => {
    // What the other side would say to it is a mere reset: what we can know beforehand, we say.
    if (Date.parse(new X509Certificate(identity.tls.certificatePem).validTo) <= Date.now())
      throw new LetterlockError('certificate-invalid', 'the certificate of this machine expired');
    return deviceTlsClient({ identity, expect });
  };
  const inspect = (socket: TLSSocket) => {
    if (peerOf(socket).device !== expect) throw new LetterlockError('certificate-invalid', 'another device');
  };
  return inspectingAgent({ maxSockets }, inspect, credentials);
}

/**
 * An https.Agent that gives out a connection only after its handshake, and only when `inspect` does not throw. A handshake
 * may take limits.connectSeconds. `destroy` ends connections in the making as well. Sessions are not resumed: Node would
 * check neither name nor certificate again, and kept-alive connections make it a small loss. `credentials` is asked at each
 * new connection, so that a renewed certificate is the one that is shown; what it throws is why there is none.
 */
export function inspectingAgent(
  options: AgentOptions,
  inspect: (socket: TLSSocket) => void,
  credentials: () => ConnectionOptions = () => ({})
): Agent {
  const agent = new Agent({ keepAlive: true, maxCachedSessions: 0, ...options });
  const connect = agent.createConnection.bind(agent);
  const opening = new Set<Duplex>();

  agent.createConnection = (connectOptions, callback) => {
    let ours: ConnectionOptions;
    try {
      ours = credentials();
    } catch (error) {
      process.nextTick(() => callback?.(error as Error, undefined as never));
      return undefined;
    }
    const socket = connect({ ...connectOptions, ...ours });
    if (!(socket instanceof TLSSocket)) throw new TypeError('not a TLS socket');
    const timer = setTimeout(() => socket.destroy(new Error('TLS handshake timed out')), limits.connectSeconds * 1000);
    let failure: Error = new Error('connection closed in the TLS handshake');
    const settle = (error: Error | null) => {
      clearTimeout(timer);
      opening.delete(socket);
      socket.off('close', closed).off('error', failed);
      callback?.(error, socket);
    };
    const failed = (error: Error) => {
      failure = error;
    };
    const closed = () => settle(failure);
    opening.add(socket);
    socket.on('error', failed).on('close', closed);
    socket.once('secureConnect', () => {
      try {
        inspect(socket);
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
      settle(null);
    });
    return undefined;
  };

  const destroy = agent.destroy.bind(agent);
  agent.destroy = () => {
    for (const socket of opening) socket.destroy();
    destroy();
  };
  return agent;
}
