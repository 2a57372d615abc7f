import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { limits } from '../base/limits.ts';

/**
 * Bounds for connections of who isn't known yet. Handshakes that are under way have places, in all and of one address; when they
 * are taken, the handshake that has taken longest makes room, since an honest one takes milliseconds. `perAddress`: connections
 * of one address, handshake done or not; more are closed as they come.
 */
export function boundConnections(server: Server, { perAddress = Number.POSITIVE_INFINITY } = {}): void {
  /** Longest under way first. */
  const shaking = new Map<string, Socket>();
  const open = new Map<string, number>();

  function makeRoom(among: readonly [string, Socket][], places: number): void {
    const [oldest] = among;
    if (among.length < places || !oldest) return;
    shaking.delete(oldest[0]);
    oldest[1].destroy();
  }

  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address } = socket;
    const connections = open.get(address ?? '') ?? 0;
    if (address === undefined || connections >= perAddress) {
      socket.destroy();
      return;
    }
    open.set(address, connections + 1);
    const key = keyOf(socket);
    makeRoom(
      [...shaking].filter(([, other]) => other.remoteAddress === address),
      limits.handshakesPerAddress
    );
    makeRoom([...shaking], limits.handshakes);
    shaking.set(key, socket);
    socket.once('close', () => {
      shaking.delete(key);
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
  server.on('secureConnection', (socket) => shaking.delete(keyOf(socket)));
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
