import type { z } from 'zod';
import type { DeviceId, UserId } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { passwordMatches } from '../../identity/passwords.ts';
import type { Session, SignIn } from '../../protocol/device-api.ts';
import type { Perform } from '../act.ts';
import type { Lockout, LockoutKey } from '../lockout.ts';
import type { Sessions } from '../sessions.ts';
import type { CoordinatorStore, UserRecord } from '../store.ts';
import { addUser, emailKey, nameKey, requireUser, setActive } from './accounts.ts';
import type { Badges } from './badges.ts';
import type { Pins } from './pins.ts';

/** People who print: names, PINs (argon2id) and who is signed in where. */
export interface Users {
  add(
    user: { readonly name: string; readonly email?: string | undefined; readonly pin?: string | undefined },
    actor: string
  ): Promise<UserRecord>;
  setEmail(id: UserId, email: string | null, actor: string): Promise<void>;
  /** Throws `pin-weak`, as `add` does. */
  setPin(id: UserId, pin: string, actor: string): Promise<void>;
  /** Ends what is open at stations; browsers are asked about at each request. */
  signOut(id: UserId): Promise<void>;
  /** Ends the user's sessions at once. */
  suspend(id: UserId, suspended: boolean, actor: string): Promise<void>;
  /**
   * `pin-wrong` for an unknown name or badge, a wrong PIN, a user without PIN or a suspended one alike; `pin-locked`;
   * `pin-required` and `policy-refused` for badges.
   */
  signIn(proof: SignIn, device: DeviceId): Promise<z.infer<typeof Session>>;
  /** The same check for other ways in. `at`: `device:<id>` or `address:<address>`, whose wrong tries are counted too. */
  checkPin(name: string, pin: string, at: string): Promise<UserRecord>;
}

export function createUsers(options: {
  readonly store: CoordinatorStore;
  readonly sessions: Sessions;
  readonly badges: Pick<Badges, 'find' | 'lockKey' | 'used'>;
  readonly pins: Pins;
  readonly lockout: Lockout;
  readonly perform: Perform;
  readonly clock: Clock;
}): Users {
  const { store, sessions, badges, pins, lockout, perform, clock } = options;

  const signOut = (id: UserId) => sessions.endOf({ user: id });

  async function checkPin(name: string, pin: string, at: string): Promise<UserRecord> {
    const key = nameKey(name);
    return lockout.attempt(pinKeys(key, at), async () => {
      const known = await store.tables.users.byNameKey(key);
      return admitted(known, await passwordMatches(pin, known?.pinHash), at, 'pin');
    });
  }

  /** The badge alone, or with the PIN of whose it is. Which it is, the policy says before anything is looked up. */
  async function checkBadge(number: string, pin: string | undefined, at: string): Promise<UserRecord> {
    const mode = (await store.tables.organization.get())?.policy.badges ?? 'off';
    if (mode === 'off') throw new LetterlockError('policy-refused', 'badges');
    if (mode === 'with-pin' && pin === undefined) throw new LetterlockError('pin-required');
    const badge = await badges.find(number);
    const known = badge && (await store.tables.users.get(badge.user));
    const keys = known ? pinKeys(known.nameKey, at) : [badges.lockKey(number), stationKey(at)];
    const user = await lockout.attempt(keys, async () => {
      const matches = mode === 'alone' ? badge !== undefined : await passwordMatches(pin ?? '', known?.pinHash);
      return admitted(known, matches, at, 'badge');
    });
    if (badge) await badges.used(badge);
    return user;
  }

  async function admitted(known: UserRecord | undefined, matches: boolean, at: string, method: string) {
    if (matches && known?.status === 'active' && (known.expires ?? Number.POSITIVE_INFINITY) > clock.now())
      return known;
    await perform(at, async ({ record }) => record('session.refused', known?.id ?? 'unknown user', { method }));
    return null;
  }

  return {
    async add({ name, email, pin }, actor) {
      const pinHash = pin === undefined ? null : await pins.hash(pin);
      return perform(actor, (act) => addUser(act, { name, email, pinHash, now: clock.now() }));
    },

    async setEmail(id, email, actor) {
      await perform(actor, async ({ tables, record }) => {
        await requireUser(tables, id);
        const key = email === null ? null : emailKey(email);
        if (!(await tables.users.rename(id, { email: key })))
          throw new LetterlockError('conflict', 'this e-mail address is taken');
        record('user.email-set', id, { set: key !== null });
      });
    },

    async setPin(id, pin, actor) {
      const pinHash = await pins.hash(pin, id);
      await perform(actor, async ({ tables, record }) => {
        await requireUser(tables, id);
        await tables.users.setPinHash(id, pinHash);
        // Whoever has an older link must not set it anew.
        await tables.invitations.removeOf(id);
        record('user.pin-set', id);
      });
      await signOut(id);
    },

    signOut,

    async suspend(id, suspended, actor) {
      await perform(actor, async (act) => setActive(act, await requireUser(act.tables, id), !suspended, signOut));
    },

    async signIn(proof, device) {
      const at = `device:${device}`;
      const [user, method] =
        'badge' in proof
          ? [await checkBadge(proof.badge, proof.pin, at), 'badge']
          : [await checkPin(proof.user, proof.pin, at), 'pin'];
      const { token, expires } = await perform(`user:${user.id}`, async ({ tables, record }) => {
        record('session.started', user.id, { device, method });
        return sessions.open(tables, { user: user.id, device });
      });
      return { session: token, expires: isoTime(expires), user: { id: user.id, name: user.name } };
    },
    checkPin
  };
}

/**
 * A name at one machine is locked first, then the machine; a name everywhere much later and never for long. So whoever guesses
 * at a station locks nobody out elsewhere, and whoever guesses everywhere gets no further than a few hundred tries a day.
 */
const pinKeys = (name: string, at: string): (string | LockoutKey)[] => [
  `user ${name} at ${at}`,
  stationKey(at),
  { key: `user ${name}`, tries: 30, lockSeconds: 30, longestSeconds: 300 }
];
const stationKey = (at: string): LockoutKey => ({ key: at, tries: 20, lockSeconds: 60, longestSeconds: 3600 });
