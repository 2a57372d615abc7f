import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { publicErrors, UserId, WebSessionId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { failure, LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import { unwrapSecret, wrapSecret } from '../secret-wrap.ts';
import { clearSignOnCookie, signOnCookie } from '../web/session-cookie.ts';
import type { WebSignIn } from '../web/session-procedures.ts';
import { type WebArea, type WebCall, webCall } from '../web/web-call.ts';
import type { Admission } from './admission.ts';
import type { Client, Provider } from './provider.ts';
import { refusalPage } from './refusal-page.ts';

/**
 * Single sign-on in a browser. It begins with a POST of our page; what only this browser may know of it lies encrypted in its
 * cookie, so any coordinator can end what another one began, and nothing piles up for those who never come back.
 */
export interface SignOn {
  readonly handlers: WebArea<'sso'>;
  /** GET of the address that the provider sends the browser to. Without the cookie of this very sign-on it has no effect. */
  callback(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

export const callbackPath = '/sso/callback';
const pages = { admin: '/admin', user: '/portal' } as const;

const Begun = z.strictObject({
  as: z.enum(['user', 'admin']),
  redirectUri: z.string(),
  checks: z.strictObject({ verifier: z.string(), state: z.string(), nonce: z.string(), maxAge: z.number().optional() }),
  linkTo: z.strictObject({ user: UserId, session: WebSessionId }).optional(),
  ends: z.number()
});
type Begun = z.infer<typeof Begun>;

export function createSignOn(options: {
  readonly client: () => Promise<Client | undefined>;
  readonly provider: Provider;
  readonly admission: Admission;
  readonly openWebSession: WebSignIn['openWebSession'];
  /** 32 bytes, for nothing else. */
  readonly cookieKey: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
}): SignOn {
  const { client, provider, admission, openWebSession, cookieKey, clock, logger } = options;
  let underWay = 0;

  const seal = (begun: Begun): string =>
    Buffer.from(wrapSecret(cookieKey, utf8(JSON.stringify(begun)), context)).toString('base64url');

  function opened(cookie: string | undefined): Begun {
    try {
      const bytes = unwrapSecret(cookieKey, Buffer.from(cookie ?? '', 'base64url'), context);
      const begun = Begun.parse(JSON.parse(Buffer.from(bytes).toString()));
      if (begun.ends > clock.now()) return begun;
    } catch {
      // Not ours: as good as none.
    }
    throw new LetterlockError('sign-on-refused', 'it did not begin in this browser, or too long ago');
  }

  async function configured(): Promise<Client> {
    const found = await client();
    if (!found) throw new LetterlockError('not-found', 'single sign-on');
    return found;
  }

  async function finish(request: FastifyRequest, reply: FastifyReply): Promise<keyof typeof pages> {
    const { as, redirectUri, checks, linkTo } = opened(request.cookies[signOnCookie]);
    const known = await configured();
    const person = await provider.finish(known, new URL(request.url, redirectUri), checks);
    const who =
      as === 'admin'
        ? { admin: await admission.admin(person, known.settings) }
        : { user: await admission.user(person, known.settings, linkTo) };
    await openWebSession(who, webCall(request, reply, null), 'sso');
    return as;
  }

  return {
    handlers: {
      async 'sso.get'() {
        const found = await client();
        return found ? { name: found.settings.name } : null;
      },
      async 'sso.begin'({ as }, call) {
        const redirectUri = ownAddress(call, callbackPath);
        // An administrator's session counts as a fresh proof: so it has to be one.
        const maxAge = as === 'admin' ? limits.webProofSeconds : undefined;
        const { url, checks } = await provider.begin(await configured(), redirectUri, maxAge);
        const { principal } = call;
        const linkTo =
          as === 'user' && principal?.kind === 'user'
            ? { user: principal.user.id, session: principal.session.id }
            : undefined;
        const ends = clock.now() + limits.signOnSeconds * 1000;
        call.setSignOn(seal({ as, redirectUri, checks, linkTo, ends }), limits.signOnSeconds);
        return { url };
      },
      async 'sso.leave'(_input, call) {
        const found = await client();
        const page = pages[call.principal?.kind === 'admin' ? 'admin' : 'user'];
        return { url: found ? await provider.leaveUrl(found, ownAddress(call, page)) : null };
      }
    },

    async callback(request, reply) {
      clearSignOnCookie(reply);
      try {
        if (underWay >= limits.signOnsAtOnce) throw new LetterlockError('rate-limited', 'sign-ons');
        underWay += 1;
        try {
          return reply.redirect(pages[await finish(request, reply)], 303);
        } finally {
          underWay -= 1;
        }
      } catch (error) {
        const failed = failure(error);
        logger.info({ error }, 'a single sign-on was not accepted');
        return reply.code(publicErrors[failed.code].status).type('text/html; charset=utf-8').send(refusalPage(failed));
      }
    }
  };
}

const context = 'single sign-on';

/** As the browser sees us. Whoever lies about it gets no further: the provider knows our addresses. */
const ownAddress = ({ host }: WebCall, path: string): string => `https://${host}${path}`;
