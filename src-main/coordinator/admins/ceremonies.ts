import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';

/**
 * What was begun and waits for its second half: a challenge for a passkey, a secret for an authenticator. Each is taken once,
 * within two minutes, and lies in memory only. A flood of beginnings pushes out the oldest.
 */
export interface Ceremonies<Value> {
  /** Returns the challenge that names it: base64url of 32 random bytes, unless one is given. */
  begin(value: Value, challenge?: string): string;
  take(challenge: string): Value | undefined;
}

export function createCeremonies<Value>(clock: Clock): Ceremonies<Value> {
  /** Oldest first. */
  const open = new Map<string, { readonly value: Value; readonly ends: number }>();

  return {
    begin(value, challenge = randomBytes(32).toString('base64url')) {
      for (const [key, { ends }] of open) {
        if (ends > clock.now() && open.size < limits.ceremonies) break;
        open.delete(key);
      }
      open.delete(challenge);
      open.set(challenge, { value, ends: clock.now() + limits.ceremonySeconds * 1000 });
      return challenge;
    },
    take(challenge) {
      const found = open.get(challenge);
      open.delete(challenge);
      return found && found.ends > clock.now() ? found.value : undefined;
    }
  };
}
