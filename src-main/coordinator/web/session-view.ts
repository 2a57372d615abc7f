import type { SignedInAs, WebSessionView } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import type { Tables } from '../store.ts';
import type { Principal } from './principal.ts';
import { freshUntil, idleEnd, sessionEnd, type WebSessions } from './web-sessions.ts';

export type SignedIn = Exclude<Principal, { kind: 'token' }>;

/** What a browser is told of its own sign-in. */
export async function sessionView(tables: Tables, sessions: WebSessions, who: SignedIn): Promise<WebSessionView> {
  const { session } = who;
  return {
    as: await signedInAs(tables, who),
    csrf: sessions.csrf(session),
    idleEnd: isoTime(Math.min(idleEnd(session), sessionEnd(session))),
    end: isoTime(sessionEnd(session)),
    freshUntil: isoTime(freshUntil(session))
  };
}

async function signedInAs(tables: Tables, who: SignedIn): Promise<SignedInAs> {
  if (who.kind === 'user') return { kind: 'user', id: who.user.id, name: who.user.name };
  const { name, role, password, totp } = who.admin;
  const [passkeys, recoveryCodes] = await Promise.all([tables.passkeys.of(name), tables.recoveryCodes.count(name)]);
  return {
    kind: 'admin',
    name,
    role,
    mustChangePassword: password === 'temporary',
    secondFactor: { totp: totp !== null, passkeys: passkeys.length, recoveryCodes }
  };
}
