import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type Access, basicCredentials } from '../ipp/access.ts';
import type { JobsOrganization } from '../jobs/port.ts';
import { openSession, type UserSession } from '../jobs/user-session.ts';
import { createWrongTries } from './wrong-tries.ts';

/**
 * Who may print at a shared printer: users who show name and PIN over TLS, checked by the coordinator with its lockout. A session
 * serves until it ends; while a request of its user is open it is renewed, so that a long document isn't lost at its end.
 * Neither PIN nor session is written or logged; a PIN is kept no longer than its request.
 */
export interface SharedSignIn {
  readonly access: Access;
  /** The session of somebody who was admitted. Throws `session-expired`. */
  sessionOf(name: string): UserSession;
}

/** One user: what is known of their session is known to all their jobs. */
interface SignedIn {
  session: UserSession;
}

export function createSharedSignIn(options: {
  readonly organization: JobsOrganization;
  readonly clock: Clock;
  readonly logger: Logger;
}): SharedSignIn {
  const { organization, clock, logger } = options;
  /** By credentials, as this process alone can compute it. */
  const known = new Map<string, Promise<SignedIn | null>>();
  const byName = new Map<string, SignedIn>();
  const wrong = createWrongTries(clock);
  const secret = randomBytes(32);
  const keyOf = (user: string, pin: string) => createHmac('sha256', secret).update(`${user}\0${pin}`).digest('base64');
  const left = ({ session }: SignedIn): number => Date.parse(session.expires) - clock.now();

  async function signIn(user: string, pin: string): Promise<SignedIn | null> {
    try {
      const session = await openSession(organization, user, pin);
      for (const [name, one] of byName) if (left(one) <= 0) byName.delete(name);
      const signedIn = byName.get(session.user.name) ?? { session };
      byName.set(session.user.name, signedIn);
      signedIn.session = session;
      return signedIn;
    } catch (error) {
      const { code } = asLetterlockError(error);
      if (code !== 'pin-wrong' && code !== 'pin-locked') throw error;
      logger.warn({ code }, 'a sign-in at the shared printer failed');
      return null;
    }
  }

  /** One question to the coordinator for as many requests as come with the same credentials. */
  function remembered(user: string, pin: string): Promise<SignedIn | null> {
    const key = keyOf(user, pin);
    const before = known.get(key);
    if (before) return before;
    const [oldest] = known.keys();
    if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
    const asked = signIn(user, pin);
    const forget = () => {
      if (known.get(key) === asked) known.delete(key);
    };
    known.set(key, asked);
    asked.then((signedIn) => clock.after(signedIn ? Math.max(0, left(signedIn) - marginMs) : wrongMs, forget), forget);
    return asked;
  }

  /** For as long as the request is open. */
  function keep(signedIn: SignedIn, request: IncomingMessage, user: string, pin: string): void {
    let cancel = (): void => undefined;
    const renew = async (): Promise<void> => {
      // A PIN that is no longer right isn't tried twice. While the coordinator is away it is asked again.
      if (left(signedIn) > marginMs || (await signIn(user, pin).catch(() => signedIn))) wait();
    };
    const wait = (): void => {
      if (!request.closed) cancel = clock.after(Math.max(5000, left(signedIn) - marginMs), () => void renew());
    };
    wait();
    request.once('close', () => cancel());
  }

  return {
    access: {
      authentication: 'basic',
      async admit(request) {
        const given = request.socket instanceof TLSSocket ? basicCredentials(request) : null;
        if (!given || !/^\d{4,32}$/.test(given.password) || given.user === '' || given.user.length > 128) return null;
        const peer = request.socket.remoteAddress ?? '';
        await wrong.wait(peer);
        const signedIn = await remembered(given.user, given.password);
        if (!signedIn) {
          wrong.add(peer);
          return null;
        }
        keep(signedIn, request, given.user, given.password);
        return { name: signedIn.session.user.name, sees: 'own' };
      }
    },
    sessionOf(name) {
      const signedIn = byName.get(name);
      if (!signedIn || left(signedIn) <= 0) throw new LetterlockError('session-expired');
      return {
        ...signedIn.session,
        get session() {
          return signedIn.session.session;
        }
      };
    }
  };
}

const mostKnown = 1000;
/** A session is renewed so long before its end. */
const marginMs = 30_000;
/** Print systems repeat wrong credentials: the coordinator, who counts tries, is asked once. */
const wrongMs = 60_000;
