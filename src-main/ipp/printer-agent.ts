import { Agent } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps a connection to one printer for the next request, and makes another one when several are under way at once. A TLS
 * handshake is the slowest thing that a small printer does. Who answers is checked by `connect`, once for each connection.
 */
export function printerAgent(connect: () => Promise<Socket>): Agent {
  const agent = new Agent({ keepAlive: true, timeout: idleMs });
  agent.createConnection = (_options, connected) => {
    connect().then(
      (socket) => connected?.(null, socket),
      (error) => (connected as ((error: Error) => void) | undefined)?.(error)
    );
    return undefined;
  };
  return agent;
}

/** Longer than the pauses between two questions about a job, shorter than printers keep an idle connection. */
const idleMs = 10_000;
