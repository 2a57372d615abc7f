import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type Access, basicCredentials, type Requester } from './access.ts';
import { type Endpoints, peerUser } from './peer-user.ts';

export interface LoopbackAccessOptions {
  /** Of this installation; its queue in the print system holds them. Null: nobody gets in with credentials. */
  credentials: { user: string; password: string } | null;
  clock: Clock;
  logger: Logger;
  /** Whose processes need no credentials; undefined where the platform has no such thing. */
  ownUid?: number | undefined;
  /** The print system's own user, whose processes are taken without credentials too: for queues that were made by hand. */
  printSystemUid?: number | undefined;
  /** Looks up the user at the other end. */
  userOf?: (ends: Endpoints) => Promise<number | null>;
}

/**
 * Who may use the loopback printer: this user's own processes, known by the kernel, and the print system, known by the
 * credentials of this installation, over TLS only. Other users of the machine are refused, root too.
 */
export function loopbackAccess({
  credentials,
  clock,
  logger,
  ownUid = process.geteuid?.(),
  printSystemUid,
  userOf = peerUser
}: LoopbackAccessOptions): Access {
  const users = new WeakMap<Socket, Promise<number | null>>();
  const expected = credentials && digest(credentials);
  const admitted = new Set([ownUid, printSystemUid].filter((uid) => uid !== undefined && uid !== unknownUid));
  let wrong = 0;

  /** Once a connection: what it is doesn't change while it is open. */
  function peer(socket: Socket): Promise<number | null> {
    const known = users.get(socket) ?? userOf(socket);
    users.set(socket, known);
    return known;
  }

  /**
   * The right credentials are always taken at once, so that nobody can lock the print system out. Wrong ones get their answer
   * the later the more of them there were; each costs a connection (the 401 ends it), and connections are few.
   */
  async function holdsCredentials(request: IncomingMessage): Promise<boolean> {
    const given = request.socket instanceof TLSSocket ? basicCredentials(request) : null;
    if (!given || !expected) return false;
    if (timingSafeEqual(digest(given), expected)) return true;
    wrong += 1;
    clock.after(forgetMs, () => {
      wrong -= 1;
    });
    logger.warn({ tries: wrong }, 'wrong credentials at the virtual printer');
    await new Promise<void>((resolve) => clock.after(Math.min(100 * 2 ** wrong, longestWaitMs), resolve));
    return false;
  }

  return {
    authentication: 'requesting-user-name',
    async admit(request) {
      if (admitted.size > 0 && admitted.has((await peer(request.socket)) ?? undefined)) return owner;
      return (await holdsCredentials(request)) ? owner : null;
    }
  };
}

/** The user of this installation; the name in a request is whatever the program calls him. */
const owner: Requester = { name: null, sees: 'all' };

/** Stands for every user that a user namespace has no number for (user_namespaces(7)). */
const unknownUid = 65_534;
const forgetMs = 300_000;
const longestWaitMs = 5_000;

/** Of equal length whatever was sent, so that comparing takes equal time. */
const digest = ({ user, password }: { user: string; password: string }): Buffer =>
  createHash('sha256').update(`${user}:${password}`).digest();
