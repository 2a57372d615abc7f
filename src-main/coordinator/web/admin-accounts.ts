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
      await lockout.attempt([`admin ${name}`, `address ${address}`], async () => {
        const matches = await passwordMatches(password, await store.tables.admins.passwordHash(name));
        const [actor, action] = matches ? [`admin:${name}`, 'admin.signed-in'] : ['nobody', 'admin.refused'];
        await perform(actor, async ({ record }) => record(action, 'web', { address }));
        return matches ? name : null;
      });
      return sessions.open(name);
    },
    use: (token) => sessions.use(token).subject,
    signOut: (token) => sessions.end(token)
  };
}
