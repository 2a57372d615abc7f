import { createHmac, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Clock } from '../../base/clock.ts';
import { unwrapSecret, wrapSecret } from '../secret-wrap.ts';
import type { Tables } from '../store.ts';
import type { AdminRecord } from './tables.ts';

/**
 * Codes of an authenticator (TOTP, RFC 6238) and recovery codes. The secret lies in the database encrypted, recovery codes as a
 * keyed hash, both under keys that are not in it. No code counts twice.
 */
export interface SecondFactor {
  /** A new secret, not yet anybody's, and its otpauth: URI for a QR code. */
  propose(name: string): { readonly secret: Uint8Array; readonly uri: string; readonly text: string };
  /** The time step that a code belongs to: this one, or one before or after, for clocks that differ. Null: not right. */
  stepOf(secret: Uint8Array, code: string): number | null;
  wrap(name: string, secret: Uint8Array): Uint8Array;
  /** Ten new ones, eighty bits each, in place of all before. */
  renewRecoveryCodes(tables: Tables, name: string): Promise<string[]>;
  /** Uses the code up. Null: it is not right, or was used. */
  use(tables: Tables, admin: AdminRecord, code: string): Promise<'totp' | 'recovery-code' | null>;
}

const period = 30;

export function createSecondFactor(options: {
  /** 32 bytes each, for nothing else. */
  readonly totpKey: Uint8Array;
  readonly recoveryKey: Uint8Array;
  readonly organizationName: string;
  readonly clock: Clock;
}): SecondFactor {
  const { totpKey, recoveryKey, organizationName, clock } = options;
  const context = (name: string) => `totp ${name}`;
  const recoveryHash = (code: string) =>
    createHmac('sha256', recoveryKey)
      .update(code.toUpperCase().replaceAll(/[^A-Z2-7]/g, ''))
      .digest('base64url');

  function stepOf(secret: Uint8Array, code: string): number | null {
    const timestamp = clock.now();
    const delta = totp(secret).validate({ token: code, timestamp, window: 1 });
    return delta === null ? null : Math.floor(timestamp / 1000 / period) + delta;
  }

  return {
    propose(name) {
      const secret = new Uint8Array(randomBytes(20));
      const key = totp(secret, { issuer: `Letterlock ${organizationName}`, label: name });
      return { secret, uri: key.toString(), text: key.secret.base32 };
    },
    stepOf,
    wrap: (name, secret) => wrapSecret(totpKey, secret, context(name)),

    async renewRecoveryCodes({ recoveryCodes }, name) {
      const codes = Array.from({ length: 10 }, () => groups(base32(randomBytes(10))));
      await recoveryCodes.replace(name, codes.map(recoveryHash));
      return codes;
    },

    async use(tables, { name, totp: wrapped }, code) {
      if (!/^\d{6}$/.test(code))
        return (await tables.recoveryCodes.use(name, recoveryHash(code))) ? 'recovery-code' : null;
      const step = wrapped && stepOf(unwrapSecret(totpKey, wrapped, context(name)), code);
      return step !== null && (await tables.admins.takeTotpStep(name, step)) ? 'totp' : null;
    }
  };
}

const totp = (secret: Uint8Array, words: { issuer?: string; label?: string } = {}) =>
  new TOTP({ ...words, algorithm: 'SHA1', digits: 6, period, secret: new Secret({ buffer: bufferOf(secret) }) });

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const base32 = (bytes: Uint8Array): string => new Secret({ buffer: bufferOf(bytes) }).base32;
const groups = (text: string): string => text.match(/.{1,4}/g)?.join('-') ?? text;
