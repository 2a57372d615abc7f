import type { z } from 'zod';
import type { PasskeyAssertion, WebSessionId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { passwordMatches } from '../../identity/passwords.ts';
import type { Perform } from '../act.ts';
import type { Lockout, LockoutKey } from '../lockout.ts';
import type { CoordinatorStore } from '../store.ts';
import type { Passkeys } from './passkeys.ts';
import type { SecondFactor } from './second-factor.ts';
import type { AdminRecord } from './tables.ts';

/**
 * Proves that an administrator is there: a password, with a code as soon as there is an authenticator, or a passkey. Opens no
 * session. Wrong tries slow down whoever makes them: this name from this address, and this address; the name alone only a
 * little, so that strangers cannot keep an administrator out. Passkeys cannot be guessed and are never locked.
 */
export interface AdminSignIn {
  /** Throws `sign-in-refused`, `sign-in-locked`, `second-factor-required`. */
  byPassword(proof: PasswordProof, address: string): Promise<Proved>;
  /** `session`: that the challenge was for. Throws `sign-in-refused`. */
  byPasskey(response: z.infer<typeof PasskeyAssertion>, at: PasskeyUse): Promise<Proved>;
}
export interface PasswordProof {
  readonly name: string;
  readonly password: string;
  readonly code?: string | undefined;
}
export interface PasskeyUse {
  readonly session: WebSessionId | null;
  readonly host: string;
  readonly address: string;
}
export interface Proved {
  readonly admin: AdminRecord;
  readonly method: 'password' | 'totp' | 'recovery-code' | 'passkey';
}

export function createAdminSignIn(options: {
  readonly store: CoordinatorStore;
  readonly lockout: Lockout;
  readonly secondFactor: SecondFactor;
  readonly passkeys: Passkeys;
  readonly perform: Perform;
}): AdminSignIn {
  const { store, lockout, secondFactor, passkeys, perform } = options;

  const refused = (subject: string, address: string, method: Proved['method']) =>
    perform('nobody', async ({ record }) => record('admin.sign-in-refused', subject, { address, method }));

  return {
    async byPassword({ name, password, code }, address) {
      const admin = await attempt(lockout, passwordKeys(name, address), async () => {
        const known = await store.tables.admins.get(name);
        if (await passwordMatches(password, known?.passwordHash)) return known ?? null;
        await refused(known?.name ?? 'unknown administrator', address, 'password');
        return null;
      });
      if (!(await hasSecondFactor(store, admin))) return { admin, method: 'password' };
      if (code === undefined) throw new LetterlockError('second-factor-required');
      // Only who knows the password gets here, so counting by name locks out nobody else.
      const method = await attempt(lockout, [`code ${name}`], async () => {
        const used = await store.transaction((tables) => secondFactor.use(tables, admin, code));
        if (used === null) await refused(name, address, 'totp');
        return used;
      });
      return { admin, method };
    },

    async byPasskey(response, { session, host, address }) {
      try {
        const { admin: name } = await passkeys.finish(store.tables, session, host, response);
        const admin = await store.tables.admins.get(name);
        if (!admin) throw new LetterlockError('sign-in-refused', 'passkey');
        return { admin, method: 'passkey' };
      } catch (error) {
        await refused('unknown administrator', address, 'passkey');
        throw error;
      }
    }
  };
}

/** An administrator with passkeys alone needs one of them: the password is not enough, and no code would fit but a recovery code. */
const hasSecondFactor = async ({ tables }: CoordinatorStore, { name, totp }: AdminRecord): Promise<boolean> =>
  totp !== null || (await tables.passkeys.of(name)).length > 0;

const passwordKeys = (name: string, address: string): (string | LockoutKey)[] => [
  `admin ${name} at ${address}`,
  { key: `address ${address}`, tries: 20, lockSeconds: 60, longestSeconds: 3600 },
  { key: `admin ${name}`, tries: 100, lockSeconds: 2, longestSeconds: 15 }
];

/** The lockout speaks of PINs; administrators have passwords. */
async function attempt<T>(
  lockout: Lockout,
  keys: readonly (string | LockoutKey)[],
  check: () => Promise<T | null>
): Promise<T> {
  try {
    return await lockout.attempt(keys, check);
  } catch (error) {
    if (!(error instanceof LetterlockError)) throw error;
    if (error.code === 'pin-wrong') throw new LetterlockError('sign-in-refused');
    if (error.code === 'pin-locked') throw new LetterlockError('sign-in-locked', error.detail);
    throw error;
  }
}
