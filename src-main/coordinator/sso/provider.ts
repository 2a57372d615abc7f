import * as oidc from 'openid-client';
import type { SsoSettings } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { providerFetch, unreachable } from './provider-fetch.ts';

/**
 * The OpenID Connect provider: authorization code flow with PKCE, state and nonce. Whether an answer is the provider's, for us
 * and new, the library decides (issuer, audience, signature, times, nonce); who the person is to us is decided elsewhere.
 */
export interface Provider {
  /** Where to send the browser. `maxAge`: seconds since the person proved who they are there. Throws `identity-provider-unreachable`. */
  begin(client: Client, redirectUri: string, maxAge: number | undefined): Promise<{ url: string; checks: Checks }>;
  /** `answer`: the address that the browser came back to. Throws `sign-on-refused`, `identity-provider-unreachable`. */
  finish(client: Client, answer: URL, checks: Checks): Promise<Person>;
  /** Where a browser signs out there, if that is offered. */
  leaveUrl(client: Client, returnTo: string): Promise<string | null>;
}
export interface Client {
  readonly settings: SsoSettings;
  /** Null: a public client. */
  readonly secret: string | null;
}
/** What only whoever began knows, kept until the answer comes. */
export interface Checks {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly maxAge?: number | undefined;
}
export interface Person {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
  /** Only if the provider says that it verified it. */
  readonly email: string | null;
  readonly groups: readonly string[];
}

export function createProvider(clock: Clock): Provider {
  let known: { client: Client; found: Promise<oidc.Configuration>; until: number } | undefined;

  /** What discovery found, for a while: keys and addresses change seldom, but they do. */
  function discovered(client: Client): Promise<oidc.Configuration> {
    if (known && known.until > clock.now() && sameClient(known.client, client)) return known.found;
    const found = discover(client);
    const entry = { client, found, until: clock.now() + limits.providerMemorySeconds * 1000 };
    known = entry;
    found.catch(() => {
      if (known === entry) known = undefined;
    });
    return found;
  }

  return {
    async begin(client, redirectUri, maxAge) {
      const configuration = await discovered(client);
      const checks: Checks = {
        verifier: oidc.randomPKCECodeVerifier(),
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        maxAge
      };
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: [...new Set(['openid', 'profile', 'email', ...client.settings.scopes])].join(' '),
        code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
        state: checks.state,
        nonce: checks.nonce,
        ...(maxAge === undefined ? {} : { max_age: String(maxAge) })
      });
      return { url: url.href, checks };
    },

    async finish(client, answer, { verifier, state, nonce, maxAge }) {
      const configuration = await discovered(client);
      try {
        const tokens = await oidc.authorizationCodeGrant(configuration, answer, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
          ...(maxAge === undefined ? {} : { maxAge })
        });
        const token = tokens.claims();
        if (!token) throw new LetterlockError('sign-on-refused', 'no ID token');
        const more = configuration.serverMetadata().userinfo_endpoint
          ? await oidc.fetchUserInfo(configuration, tokens.access_token, token.sub)
          : {};
        return personOf(client.settings, { ...more, ...token });
      } catch (error) {
        throw refusalOf(error);
      }
    },

    async leaveUrl(client, returnTo) {
      const configuration = await discovered(client);
      if (!configuration.serverMetadata().end_session_endpoint) return null;
      return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    }
  };
}

async function discover({ settings, secret }: Client): Promise<oidc.Configuration> {
  try {
    return await oidc.discovery(
      new URL(settings.issuer),
      settings.clientId,
      { [oidc.clockTolerance]: toleranceSeconds },
      secret === null ? oidc.None() : oidc.ClientSecretPost(secret),
      {
        [oidc.customFetch]: providerFetch(settings.authority),
        timeout: limits.providerSeconds,
        // The signature is checked too, and not only that TLS brought the token.
        execute: [oidc.enableNonRepudiationChecks]
      }
    );
  } catch (error) {
    throw unreachable(error);
  }
}

const toleranceSeconds = 30;

const sameClient = (one: Client, other: Client): boolean =>
  one.secret === other.secret && JSON.stringify(one.settings) === JSON.stringify(other.settings);

function personOf({ nameClaim, groupsClaim }: SsoSettings, claims: Record<string, unknown>): Person {
  const { iss, sub, email, email_verified: verified } = claims;
  return {
    issuer: String(iss),
    subject: String(sub),
    name: text(claims[nameClaim]),
    email: verified === true ? text(email) : null,
    groups: [claims[groupsClaim] ?? []].flat().filter((one) => typeof one === 'string')
  };
}

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

/** The provider's own word (`access_denied`), or the library's for what it did not believe; nothing that a stranger wrote. */
function refusalOf(cause: unknown): LetterlockError {
  for (let error = cause, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth += 1)
    if (error instanceof LetterlockError) return error;
  const { code } = cause as { code?: unknown };
  if (code === 'OAUTH_TIMEOUT') return unreachable(cause);
  const word =
    cause instanceof oidc.AuthorizationResponseError || cause instanceof oidc.ResponseBodyError ? cause.error : code;
  const detail = typeof word === 'string' && /^[A-Za-z_]{1,64}$/.test(word) ? word : undefined;
  return new LetterlockError('sign-on-refused', detail, { cause });
}
