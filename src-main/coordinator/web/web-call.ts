import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Output, ParsedInput, Procedure } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Principal } from './principal.ts';
import { clearSessionCookie, setSessionCookie, setSignInLinkCookie, setSignOnCookie } from './session-cookie.ts';

/** One call of a browser, for the procedures that are about itself: its sign-in, its account. Rights are checked before. */
export interface WebCall {
  readonly principal: Principal | null;
  readonly address: string;
  /** `User-Agent`, as it says. */
  readonly agent: string;
  /** The `Host` header: which name of ours the browser sees. */
  readonly host: string;
  /** Sets the cookie of the session, or takes it away. */
  setSession(token: string | null): void;
  /** Sets the cookie of a single sign-on that begins. */
  setSignOn(sealed: string, seconds: number): void;
  /** Sets the cookie by which the browser is known that asked for a link. */
  setSignInLink(value: string, seconds: number): void;
}

/** `principal`: who was found to send the request; null for whoever is only just being recognized. */
export const webCall = (request: FastifyRequest, reply: FastifyReply, principal: Principal | null): WebCall => ({
  principal,
  address: request.ip,
  agent: request.headers['user-agent'] ?? '',
  host: request.headers.host ?? '',
  setSession: (token) => void (token === null ? clearSessionCookie(reply) : setSessionCookie(reply, token)),
  setSignOn: (sealed, seconds) => void setSignOnCookie(reply, sealed, seconds),
  setSignInLink: (value, seconds) => void setSignInLinkCookie(reply, value, seconds)
});

export type WebProcedure = Extract<
  Procedure,
  | `session.${string}`
  | `account.${string}`
  | `sso.${string}`
  | `email-link.${string}`
  | `console.${string}`
  | `portal.${string}`
>;
export type WebHandlers = {
  readonly [P in WebProcedure]: (input: ParsedInput<P>, call: WebCall) => Promise<Output<P>>;
};
/** The handlers of one area. */
export type WebArea<Area extends string> = Pick<WebHandlers, Extract<WebProcedure, `${Area}.${string}`>>;

/** The administrator of a procedure that only administrators may call. */
export function theAdmin({ principal }: WebCall): Extract<Principal, { kind: 'admin' }> {
  if (principal?.kind !== 'admin') throw new LetterlockError('not-allowed');
  return principal;
}

/** The user of a procedure that only users of the portal may call. */
export function theUser({ principal }: WebCall): Extract<Principal, { kind: 'user' }> {
  if (principal?.kind !== 'user') throw new LetterlockError('not-allowed');
  return principal;
}
