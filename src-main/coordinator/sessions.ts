import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/**
 * Who is signed in. The token is 32 random bytes that only its owner knows (here lies its hash), it ends after a time of
 * idleness, and a restart of the coordinator ends all.
 */
export interface Sessions<Subject> {
  open(subject: Subject): { readonly token: string; readonly expires: number };
  /** Counts as activity. Throws `session-expired` when there is none, or `belongs` says that it is not the caller's. */
  use(token: string, belongs?: (subject: Subject) => boolean): { readonly subject: Subject; readonly expires: number };
  end(token: string): void;
  endWhere(matches: (subject: Subject) => boolean): void;
}

/** `onEnded`: told of each session that `endWhere` ended. */
export function createSessions<Subject>(
  clock: Clock,
  idleSeconds: number,
  onEnded: (subject: Subject) => void = () => {}
): Sessions<Subject> {
  /** Least recently used first. */
  const sessions = new Map<string, { subject: Subject; expires: number }>();
  const expiry = () => clock.now() + idleSeconds * 1000;

  return {
    open(subject) {
      for (const [key, { expires }] of sessions) {
        if (expires > clock.now() && sessions.size < limits.sessions) break;
        sessions.delete(key);
      }
      const token = randomBytes(32).toString('base64url');
      const expires = expiry();
      sessions.set(hashOf(token), { subject, expires });
      return { token, expires };
    },
    use(token, belongs = () => true) {
      const key = hashOf(token);
      const session = sessions.get(key);
      if (!session || !belongs(session.subject)) throw new LetterlockError('session-expired');
      sessions.delete(key);
      if (session.expires <= clock.now()) throw new LetterlockError('session-expired');
      const used = { subject: session.subject, expires: expiry() };
      sessions.set(key, used);
      return used;
    },
    end: (token) => void sessions.delete(hashOf(token)),
    endWhere(matches) {
      for (const [key, { subject }] of sessions) {
        if (!matches(subject)) continue;
        sessions.delete(key);
        onEnded(subject);
      }
    }
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
