import { createHmac } from 'node:crypto';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse
} from '@simplewebauthn/server';
import type { z } from 'zod';
import type {
  PasskeyAssertion,
  PasskeyRegistration,
  PasskeyView,
  WebSessionId
} from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Tables } from '../store.ts';
import { createCeremonies } from './ceremonies.ts';
import type { PasskeyRecord } from './tables.ts';

/**
 * Passkeys (Web Authentication Level 3): the authenticator proves its key and that it has seen its person, so one of them is a
 * whole sign-in. Challenges count once, for one host name, and where there is a session, for that session.
 */
export interface Passkeys {
  /** Options for navigator.credentials.create(). Throws `conflict` where passkeys cannot be. */
  beginNew(tables: Tables, admin: string, session: WebSessionId, host: string): Promise<PasskeyJson>;
  /** Throws `sign-in-refused`. The record is not stored yet. */
  finishNew(admin: string, session: WebSessionId, host: string, made: NewPasskey): Promise<PasskeyRecord>;
  /** Options for navigator.credentials.get(). */
  begin(session: WebSessionId | null, host: string): Promise<PasskeyJson>;
  /** The passkey that answered, its counter moved on. Throws `sign-in-refused`. */
  finish(
    tables: Tables,
    session: WebSessionId | null,
    host: string,
    response: z.infer<typeof PasskeyAssertion>
  ): Promise<PasskeyRecord>;
}
type PasskeyJson = Record<string, unknown>;
interface NewPasskey {
  readonly name: string;
  readonly response: z.infer<typeof PasskeyRegistration>;
}

/** The relying party of a `Host` header: passkeys belong to a host name, never to an address. Undefined: there are none here. */
export function passkeyHost(host: string): string | undefined {
  const url = `https://${host}`;
  const name = URL.canParse(url) ? new URL(url).hostname : '';
  return /[a-z]/.test(name) && !name.includes(':') ? name : undefined;
}

export const passkeyView = ({ id, name, host, created, lastUsed }: PasskeyRecord): z.infer<typeof PasskeyView> => ({
  id,
  name,
  host,
  created: isoTime(created),
  lastUsed: lastUsed === null ? null : isoTime(lastUsed)
});

/** ES256 and RS256: what every authenticator has one of. */
const algorithms = [-7, -257];
const timeout = limits.ceremonySeconds * 1000;

export function createPasskeys(options: {
  readonly organizationName: string;
  /** 32 bytes, for nothing else: names the administrators to their authenticators without their names. */
  readonly key: Uint8Array;
  readonly clock: Clock;
}): Passkeys {
  const { organizationName, key, clock } = options;
  const ceremonies = createCeremonies<{ for: 'new' | 'use'; session: WebSessionId | null; host: string }>(clock);
  /** Taken before anything else of the answer is looked at: a wrong one does not leave it for the next try. */
  const taken = (purpose: 'new' | 'use', session: WebSessionId | null, host: string) => (challenge: string) => {
    const found = ceremonies.take(challenge);
    return found?.for === purpose && found.session === session && found.host === host;
  };

  return {
    async beginNew(tables, admin, session, host) {
      const rpID = requireHost(host);
      const existing = await tables.passkeys.of(admin);
      if (existing.length >= limits.passkeys) throw new LetterlockError('conflict', 'too many passkeys');
      const made = await generateRegistrationOptions({
        rpName: `Letterlock ${organizationName}`,
        rpID,
        userName: admin,
        userID: new Uint8Array(createHmac('sha256', key).update(`user ${admin}`).digest()),
        challenge: challengeBytes(ceremonies.begin({ for: 'new', session, host })),
        timeout,
        excludeCredentials: existing.filter((one) => one.host === rpID).map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: algorithms
      });
      return { ...made };
    },

    async finishNew(admin, session, host, { name, response }) {
      const { registrationInfo } = await refusing(() =>
        verifyRegistrationResponse({
          response: response as RegistrationResponseJSON,
          expectedChallenge: taken('new', session, host),
          expectedOrigin: `https://${host}`,
          expectedRPID: requireHost(host),
          requireUserVerification: true,
          supportedAlgorithmIDs: algorithms
        })
      );
      if (!registrationInfo) throw new LetterlockError('sign-in-refused', 'passkey');
      const { id, publicKey, counter } = registrationInfo.credential;
      return {
        id,
        admin,
        name,
        host: requireHost(host),
        publicKey,
        counter,
        transports: response.response.transports ?? [],
        created: clock.now(),
        lastUsed: null
      };
    },

    async begin(session, host) {
      const asked = await generateAuthenticationOptions({
        rpID: requireHost(host),
        challenge: challengeBytes(ceremonies.begin({ for: 'use', session, host })),
        timeout,
        userVerification: 'required'
      });
      return { ...asked };
    },

    async finish(tables, session, host, response) {
      const passkey = await tables.passkeys.get(response.id);
      if (!passkey || passkey.host !== requireHost(host)) throw new LetterlockError('sign-in-refused', 'passkey');
      const { authenticationInfo } = await refusing(() =>
        verifyAuthenticationResponse({
          response: response as AuthenticationResponseJSON,
          expectedChallenge: taken('use', session, host),
          expectedOrigin: `https://${host}`,
          expectedRPID: passkey.host,
          requireUserVerification: true,
          // A counter that does not grow is refused: somebody has a copy of the authenticator.
          credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: passkey.counter }
        })
      );
      if (!(await tables.passkeys.count(passkey, authenticationInfo.newCounter, clock.now())))
        throw new LetterlockError('sign-in-refused', 'passkey');
      return passkey;
    }
  };
}

/** Whatever the library finds wrong is one answer: which check failed helps nobody but who tries. */
async function refusing<T extends { readonly verified: boolean }>(verify: () => Promise<T>): Promise<T> {
  let result: T | undefined;
  try {
    result = await verify();
  } catch (cause) {
    throw new LetterlockError('sign-in-refused', 'passkey', { cause });
  }
  if (!result.verified) throw new LetterlockError('sign-in-refused', 'passkey');
  return result;
}

function requireHost(host: string): string {
  const name = passkeyHost(host);
  if (name === undefined) throw new LetterlockError('conflict', 'passkeys need a host name, not an address');
  return name;
}

const challengeBytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'));
