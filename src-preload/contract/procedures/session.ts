import { z } from 'zod';
import { WebSessionId } from '../ids.ts';
import {
  AdminName,
  NewPassword,
  PasskeyAssertion,
  PasskeyOptions,
  PasskeyRegistration,
  PasskeyView,
  Password,
  SecondFactorCode,
  SignInView,
  WebSessionView
} from '../web-views.ts';
import { account, procedure, session } from './access.ts';
import { done, Email, Name, none, Pin } from './fields.ts';

/** Signing in at the web server, and what people do with their own administrator account. */
export const sessionProcedures = {
  /** Whoever opens the page asks this first. `passkeys`: whether this address can have them (a host name, not a number). */
  'session.get': procedure(
    { ...session.anybody, safe: true },
    none,
    z.object({ organization: z.string(), passkeys: z.boolean(), session: WebSessionView.nullable() })
  ),
  /** Answers `second-factor-required` when the password is right and `code` is missing. */
  'session.sign-in': procedure(
    session.anybody,
    z.object({ name: AdminName, password: Password, code: SecondFactorCode.optional() }),
    WebSessionView
  ),
  /** What navigator.credentials.get() wants, for a sign-in or to confirm a session; for one try within two minutes. */
  'session.passkey-begin': procedure(session.anybody, none, PasskeyOptions),
  'session.passkey-sign-in': procedure(session.anybody, z.object({ response: PasskeyAssertion }), WebSessionView),
  /** A user of the portal. */
  'session.user-sign-in': procedure(session.anybody, z.object({ user: Name, pin: Pin }), WebSessionView),
  /** Proves once more who is there, before what is dangerous. */
  'session.confirm': procedure(
    { callers: ['admin'] },
    z.union([
      z.object({ password: Password, code: SecondFactorCode.optional() }),
      z.object({ response: PasskeyAssertion })
    ]),
    WebSessionView
  ),
  /** Somebody is there: idleness is counted from now. */
  'session.stay': procedure(session.change, none, z.object({ idleEnd: z.string() })),
  'session.sign-out': procedure(session.change, none, done),
  'session.list': procedure(session.read, none, z.array(SignInView)),
  'session.end': procedure(session.change, z.object({ id: WebSessionId }), done),
  'session.end-others': procedure(session.change, none, done),
  /** The provider that the sign-in page offers; null: none. */
  'sso.get': procedure({ ...session.anybody, safe: true }, none, z.object({ name: z.string() }).nullable()),
  /** Where the browser goes next. Who is signed in as a user links the account to the one that they then sign in with. */
  'sso.begin': procedure(session.anybody, z.object({ as: z.enum(['user', 'admin']) }), z.object({ url: z.string() })),
  /** Where a browser goes after `session.sign-out` so that the provider forgets it too; null: it cannot. */
  'sso.leave': procedure(session.read, none, z.object({ url: z.string().nullable() })),
  /** Whether this address of ours offers links by mail. */
  'email-link.get': procedure({ ...session.anybody, safe: true }, none, z.object({ offered: z.boolean() })),
  /** Mails a link to the user of this address, if there is one: the answer is the same. It signs in this browser only. */
  'email-link.ask': procedure(session.anybody, z.object({ email: Email }), done),
  /** Ends the other sessions. */
  'account.set-password': procedure(account.change, z.object({ password: NewPassword }), WebSessionView),
  /** `uri`: otpauth:, for a QR code; it counts once a code of it was confirmed. */
  'account.totp-begin': procedure(account.change, none, z.object({ uri: z.string(), secret: z.string() })),
  /** Recovery codes: shown this once, each works once. */
  'account.totp-confirm': procedure(
    account.change,
    z.object({ code: z.string().regex(/^\d{6}$/) }),
    z.object({ recoveryCodes: z.array(z.string()) })
  ),
  'account.totp-remove': procedure(account.change, none, done),
  'account.recovery-codes': procedure(account.change, none, z.object({ recoveryCodes: z.array(z.string()) })),
  /** What navigator.credentials.create() wants. */
  'account.passkey-begin': procedure(account.change, none, PasskeyOptions),
  'account.passkey-add': procedure(
    account.change,
    z.object({ name: Name, response: PasskeyRegistration }),
    PasskeyView
  ),
  'account.passkey-list': procedure(account.read, none, z.array(PasskeyView)),
  'account.passkey-remove': procedure(account.change, z.object({ id: z.string().max(1366) }), done)
} as const;
