import '@fastify/cookie';
import type { FastifyReply } from 'fastify';

export const sessionCookie = '__Host-letterlock';

/** `__Host-`: the browser itself refuses it from elsewhere, without TLS, or for a part of the site (RFC 6265bis 4.1.3.2). */
export const setSessionCookie = (reply: FastifyReply, token: string): FastifyReply =>
  reply.setCookie(sessionCookie, token, cookieFlags);
export const clearSessionCookie = (reply: FastifyReply): FastifyReply => reply.clearCookie(sessionCookie, cookieFlags);
const cookieFlags = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

export const signOnCookie = '__Host-letterlock-sign-on';

/** Lax, because it has to come along when the identity provider sends the browser back: a navigation from another site. */
export const setSignOnCookie = (reply: FastifyReply, sealed: string, seconds: number): FastifyReply =>
  reply.setCookie(signOnCookie, sealed, { ...signOnFlags, maxAge: seconds });
export const clearSignOnCookie = (reply: FastifyReply): FastifyReply => reply.clearCookie(signOnCookie, signOnFlags);
const signOnFlags = { ...cookieFlags, sameSite: 'lax' } as const;

export const signInLinkCookie = '__Host-letterlock-link';

/** Of the browser that asked for a link by mail. Lax too: links are opened from other people's pages. */
export const setSignInLinkCookie = (reply: FastifyReply, value: string, seconds: number): FastifyReply =>
  reply.setCookie(signInLinkCookie, value, { ...signOnFlags, maxAge: seconds });
export const clearSignInLinkCookie = (reply: FastifyReply): FastifyReply =>
  reply.clearCookie(signInLinkCookie, signOnFlags);
