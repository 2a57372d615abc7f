import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import type { Lockout } from '../lockout.ts';
import { passwordMatches } from '../passwords.ts';
import type { Sessions } from '../sessions.ts';
import type { CoordinatorStore } from '../store.ts';

/** Administrators over HTTPS: name and password, then a session. */
export interface AdminAccounts {
  /** `pin-wrong` for an unknown name and a wrong password alike; `pin-locked`. */
  signIn(name: string, password: string, address: string): Promise<{ token: string; expires: number }>;
  /** The administrator's name. Throws `session-expired`. */
  use(token: string): string;
  signOut(token: string): void;
}

export function createAdminAccounts(options: {
  readonly store: CoordinatorStore;
  readonly sessions: Sessions<string>;
  readonly lockout: Lockout;
  readonly perform: Perform;
}): AdminAccounts {
  const { store, sessions, lockout, perform } = options;

  return {
    async signIn(name, password, address) {
      const keys = [`admin ${name}`, `address ${address}`];
      lockout.enter(...keys);
      const matches = await passwordMatches(password, await store.tables.admins.passwordHash(name));
      await perform(matches ? `admin:${name}` : 'unknown', async ({ record }) =>
        record(matches ? 'admin.signed-in' : 'admin.refused', matches ? name : 'administrator', { address })
      );
      if (!matches) throw new LetterlockError('pin-wrong');
      lockout.succeed(...keys);
      return sessions.open(name);
    },
    use: (token) => sessions.use(token).subject,
    signOut: (token) => sessions.end(token)
  };
}
