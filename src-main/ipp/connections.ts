import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';

/**
 * The connections of a printer server, whatever is spoken over them, within bounds: so many in all and of one address, so many
 * requests at once on each, and a time for those that don't get on (no first byte, a handshake or head that never ends, idle
 * between requests). Where there are too many, the one that has been quiet longest makes room, never one that serves
 * somebody who was admitted: strangers can't keep this user's programs out by holding connections.
 */
export interface Connections {
  /** Takes in what was just accepted; false: there is no room, and it is closed. */
  add(socket: Socket): boolean;
  /** A request has come, over TCP or TLS. Null: too many at once. */
  begin(socket: Socket): Serving | null;
  /** Whether requests are being served over it. */
  isServing(socket: Socket): boolean;
  /** Ends them all. */
  close(): void;
}

export interface Serving {
  /** Who asks was admitted: this connection stays. */
  keep(): void;
  end(): void;
}

interface Connection {
  key: string;
  socket: Socket;
  peer: string | undefined;
  requests: number;
  kept: boolean;
  stopTimer(): void;
}

export function boundConnections(clock: Clock): Connections {
  /** Those that have been quiet longest come first. */
  const open = new Map<string, Connection>();

  function rest(connection: Connection): void {
    connection.kept = false;
    open.delete(connection.key);
    open.set(connection.key, connection);
    connection.stopTimer = clock.after(limits.stalledTransferSeconds * 1000, () => connection.socket.destroy());
  }

  /** Whether one more of `among` may come, after another was closed if need be. */
  function makeRoom(among: readonly Connection[], limit: number): boolean {
    if (among.length < limit) return true;
    const last = among.find(({ kept }) => !kept);
    if (last) open.delete(last.key);
    last?.socket.destroy();
    return last !== undefined;
  }

  return {
    add(socket) {
      const peer = socket.remoteAddress;
      const everybody = () => [...open.values()];
      const others = everybody().filter((each) => each.peer === peer);
      if (!makeRoom(others, limits.ippConnectionsPerPeer) || !makeRoom(everybody(), limits.ippConnections)) {
        socket.destroy();
        return false;
      }
      const key = keyOf(socket);
      const connection: Connection = { key, socket, peer, requests: 0, kept: false, stopTimer: () => undefined };
      rest(connection);
      socket.on('error', () => undefined); // whatever reads it hears of its end; nobody else needs to
      socket.once('close', () => {
        connection.stopTimer();
        if (open.get(key) === connection) open.delete(key);
      });
      return true;
    },

    begin(socket) {
      const connection = open.get(keyOf(socket));
      if (!connection || connection.requests >= limits.ippRequestsPerConnection) return null;
      connection.requests += 1;
      connection.stopTimer();
      return {
        keep() {
          connection.kept = true;
        },
        end() {
          connection.requests -= 1;
          if (connection.requests === 0 && !connection.socket.destroyed) rest(connection);
        }
      };
    },

    isServing: (socket) => (open.get(keyOf(socket))?.requests ?? 0) > 0,

    close() {
      for (const { socket } of open.values()) socket.destroy();
    }
  };
}

/** A TLS socket has the addresses of the TCP socket below it. */
const keyOf = (socket: Socket): string =>
  [socket.remoteAddress, socket.remotePort, socket.localAddress, socket.localPort].join(' ');
