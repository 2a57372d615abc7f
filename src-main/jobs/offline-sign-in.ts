import { createHmac } from 'node:crypto';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import { passwordMatches } from '../identity/passwords.ts';
import type { SignIn } from '../protocol/device-api.ts';
import type { CapsuleContent } from '../protocol/offline.ts';
import { badgeText, nameKey } from '../protocol/sign-in-text.ts';
import type { OfflineMemory, TryKey } from './offline-memory.ts';

export type OfflineUser = CapsuleContent['users'][number];

/** As the coordinator checks a PIN or a badge, against what a capsule has of them. Throws `pin-wrong`, `pin-locked`, `pin-required`. */
export function offlineSignIn(
  proof: SignIn,
  content: CapsuleContent,
  {
    memory,
    badges,
    now
  }: { readonly memory: OfflineMemory; readonly badges: 'off' | 'with-pin' | 'alone'; readonly now: number }
): Promise<OfflineUser> {
  const admitted = (user: OfflineUser | undefined, matches: boolean): OfflineUser | null =>
    matches && user && (user.expires ?? Number.POSITIVE_INFINITY) > now ? user : null;

  if (!('badge' in proof)) {
    const key = nameKey(proof.user);
    const user = content.users.find((one) => one.key === key);
    return memory.attempt(keysOf(user), async () => admitted(user, await passwordMatches(proof.pin, user?.pin)));
  }
  const { badgeKey } = content;
  if (badges === 'off' || !badgeKey) throw new LetterlockError('policy-refused', 'badges');
  if (badges === 'with-pin' && proof.pin === undefined) throw new LetterlockError('pin-required');
  const hash = createHmac('sha256', decoded(badgeKey)).update(badgeText(proof.badge)).digest('base64url');
  const user = content.users.find((one) => one.badges.includes(hash));
  return memory.attempt(keysOf(user), async () =>
    admitted(user, badges === 'alone' ? user !== undefined : await passwordMatches(proof.pin ?? '', user?.pin))
  );
}

/** Unknown names are counted together: they are what a guesser makes up. */
const keysOf = (user: OfflineUser | undefined): TryKey[] => [
  { key: user ? `user ${user.id}` : 'unknown', tries: limits.pinTries },
  { key: 'station', tries: 4 * limits.pinTries }
];
