import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import { type Passkeys, passkeyHost } from '../admins/passkeys.ts';
import type { AdminSignIn, Proved } from '../admins/sign-in.ts';
import type { CoordinatorStore, UserRecord } from '../store.ts';
import type { Users } from '../users/users.ts';
import { actorOf } from './principal.ts';
import { type SignedIn, sessionView } from './session-view.ts';
import { theAdmin, type WebArea, type WebCall } from './web-call.ts';
import type { WebSessions } from './web-sessions.ts';

/** Signing in and out in a browser. */
export interface WebSignIn {
  readonly handlers: WebArea<'session'>;
  /** For whoever was proved to be there in another way: opens the session and sets the cookie. `how`: for the audit log. */
  openWebSession(who: WebSubject, call: WebCall, how: string): Promise<SignedIn>;
}
export type WebSubject = { readonly admin: Proved['admin'] } | { readonly user: UserRecord };

export function createWebSignIn(options: {
  readonly store: CoordinatorStore;
  readonly sessions: WebSessions;
  readonly signIn: AdminSignIn;
  readonly passkeys: Passkeys;
  readonly users: Users;
  readonly organizationName: string;
  readonly perform: Perform;
  readonly clock: Clock;
}): WebSignIn {
  const { store, sessions, signIn, passkeys, users, organizationName, perform, clock } = options;
  const view = (who: SignedIn) => sessionView(store.tables, sessions, who);

  async function openWebSession(who: WebSubject, call: WebCall, how: string): Promise<SignedIn> {
    const [kind, subject] = 'admin' in who ? (['admin', who.admin.name] as const) : (['user', who.user.id] as const);
    const before = call.principal?.kind === 'token' ? undefined : call.principal?.session;
    const { session, token } = await perform(`${kind}:${subject}`, async ({ tables, record }) => {
      if (before) await tables.webSessions.remove(before.id);
      if (kind === 'admin') await tables.admins.update(subject, { lastSignIn: clock.now() });
      const action = kind === 'admin' ? 'admin.signed-in' : 'session.started';
      record(action, subject, { address: call.address, method: how });
      return sessions.open(tables, { kind, subject }, call);
    });
    call.setSession(token);
    return 'admin' in who ? { kind: 'admin', session, admin: who.admin } : { kind: 'user', session, user: who.user };
  }

  const asAdmin = async ({ admin, method }: Proved, call: WebCall) =>
    view(await openWebSession({ admin }, call, method));

  const handlers: WebArea<'session'> = {
    async 'session.get'(_input, { principal, host }) {
      const session = principal && principal.kind !== 'token' ? await view(principal) : null;
      return { organization: organizationName, passkeys: passkeyHost(host) !== undefined, session };
    },
    'session.sign-in': async (proof, call) => asAdmin(await signIn.byPassword(proof, call.address), call),
    'session.passkey-begin': async (_input, call) => passkeys.begin(sessionOf(call)?.id ?? null, call.host),
    'session.passkey-sign-in': async ({ response }, call) =>
      asAdmin(await signIn.byPasskey(response, { session: sessionOf(call)?.id ?? null, ...call }), call),
    async 'session.user-sign-in'({ user, pin }, call) {
      const found = await users.checkPin(user, pin, `address:${call.address}`);
      return view(await openWebSession({ user: found }, call, 'pin'));
    },

    async 'session.confirm'(proof, call) {
      const { admin, session } = theAdmin(call);
      const { admin: proved, method } =
        'password' in proof
          ? await signIn.byPassword({ ...proof, name: admin.name }, call.address)
          : await signIn.byPasskey(proof.response, { session: session.id, ...call });
      if (proved.name !== admin.name) throw new LetterlockError('sign-in-refused', 'another administrator');
      const now = clock.now();
      await perform(`admin:${admin.name}`, async ({ tables, record }) => {
        await tables.webSessions.update(session.id, { proved: now });
        record('admin.confirmed', admin.name, { address: call.address, method });
      });
      return view({ kind: 'admin', admin: proved, session: { ...session, proved: now } });
    },

    // The call itself was the activity.
    'session.stay': async (_input, call) => ({ idleEnd: (await view(signedIn(call))).idleEnd }),

    async 'session.sign-out'(_input, call) {
      await end(call, ({ webSessions }, { session }) => webSessions.remove(session.id));
      call.setSession(null);
      return {};
    },
    async 'session.list'(_input, call) {
      const { session: own } = signedIn(call);
      const all = await store.tables.webSessions.of(own.kind, own.subject);
      return all.map(({ id, created, lastUsed, address, agent }) => ({
        id,
        current: id === own.id,
        created: isoTime(created),
        lastUsed: isoTime(lastUsed),
        address,
        agent
      }));
    },
    async 'session.end'({ id }, call) {
      await end(call, async ({ webSessions }, { session }) => {
        const theirs = await webSessions.of(session.kind, session.subject);
        if (!theirs.some((one) => one.id === id)) throw new LetterlockError('not-found', 'session');
        await webSessions.remove(id);
      });
      return {};
    },
    async 'session.end-others'(_input, call) {
      await end(call, ({ webSessions }, { session }) =>
        webSessions.removeOf(session.kind, session.subject, session.id)
      );
      return {};
    }
  };

  async function end(
    call: WebCall,
    remove: (tables: CoordinatorStore['tables'], who: SignedIn) => Promise<void>
  ): Promise<void> {
    const who = signedIn(call);
    await perform(actorOf(who), async ({ tables, record }) => {
      await remove(tables, who);
      record(who.kind === 'admin' ? 'admin.signed-out' : 'session.ended', who.session.subject);
    });
  }

  return { handlers, openWebSession };
}

function signedIn({ principal }: WebCall): SignedIn {
  if (!principal || principal.kind === 'token') throw new LetterlockError('session-expired');
  return principal;
}

const sessionOf = ({ principal }: WebCall) => (principal?.kind === 'token' ? undefined : principal?.session);
