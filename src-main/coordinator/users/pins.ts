import type { UserId, UserRules } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { hashPassword } from '../../identity/passwords.ts';
import type { CoordinatorStore } from '../store.ts';
import type { Badges } from './badges.ts';

/**
 * PINs when they are set. Those that are set already stay: a rule is for the next one, and none expires by itself
 * (NIST SP 800-63B, section 3.1.1.2: changes on a schedule make people choose worse ones).
 */
export interface Pins {
  /** argon2id. `user`: whose it will be, when they exist already. Throws `pin-weak`. */
  hash(pin: string, user?: UserId): Promise<string>;
}

export function createPins(store: CoordinatorStore, badges: Pick<Badges, 'find'>): Pins {
  return {
    async hash(pin, user) {
      requireStrong(weaknessOf(pin, await store.tables.organization.userRules()));
      if (user !== undefined && (await badges.find(pin))?.user === user) requireStrong(ofBadge);
      return hashPassword(pin);
    }
  };
}

/** Whoever holds the badge would hold the PIN too. Only here are both known: of a badge a keyed hash is kept. */
export function requireApart(pin: string, badge: string): void {
  if (badge.replaceAll(/\D/g, '').includes(pin)) requireStrong(ofBadge);
}

const ofBadge = 'it stands on the badge';

/** What is wrong with it, in public words that say nothing of its digits; null: nothing. Pure. */
export function weaknessOf(pin: string, { pinLength, yearPins }: Pick<UserRules, 'pinLength' | 'yearPins'>) {
  if (pin.length < pinLength) return `at least ${pinLength} digits`;
  if (isRun(pin)) return 'each digit follows from the one before';
  return yearPins === 'refused' && /^(19|20)\d\d$/.test(pin) ? 'it looks like a year' : null;
}

/** 1111, 1234, 9876, 2468: the same step all the way, past nine to nought. */
function isRun(pin: string): boolean {
  const digits = [...pin].map(Number);
  const steps = digits.slice(1).map((digit, i) => (digit - (digits[i] ?? 0) + 10) % 10);
  return steps.every((step) => step === steps[0]);
}

function requireStrong(weakness: string | null): void {
  if (weakness !== null) throw new LetterlockError('pin-weak', weakness);
}
