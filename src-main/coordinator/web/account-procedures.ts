import { rm } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { hashPassword, passwordMatches } from '../../identity/passwords.ts';
import type { Act, Perform } from '../act.ts';
import { createCeremonies } from '../admins/ceremonies.ts';
import { type Passkeys, passkeyView } from '../admins/passkeys.ts';
import type { SecondFactor } from '../admins/second-factor.ts';
import type { CoordinatorStore } from '../store.ts';
import { sessionView } from './session-view.ts';
import { theAdmin, type WebArea, type WebCall } from './web-call.ts';
import type { WebSessions } from './web-sessions.ts';

/** An administrator's own account: password, authenticator, recovery codes, passkeys. All of it needs a fresh proof. */
export function accountProcedures(options: {
  readonly store: CoordinatorStore;
  readonly sessions: WebSessions;
  readonly secondFactor: SecondFactor;
  readonly passkeys: Passkeys;
  /** Of the first start; of no use any more once its administrator has another. */
  readonly initialPasswordFile: string;
  readonly perform: Perform;
  readonly clock: Clock;
}): WebArea<'account'> {
  const { store, sessions, secondFactor, passkeys, initialPasswordFile, perform, clock } = options;
  /** By session: a secret that waits for the first code of the authenticator that scanned it. */
  const proposed = createCeremonies<Uint8Array>(clock);

  const change = <T>(call: WebCall, run: (act: Act, name: string) => Promise<T>): Promise<T> => {
    const { name } = theAdmin(call).admin;
    return perform(`admin:${name}`, (act) => run(act, name));
  };

  return {
    async 'account.set-password'({ password }, call) {
      const { admin, session } = theAdmin(call);
      if (await passwordMatches(password, admin.passwordHash))
        throw new LetterlockError('input-invalid', 'password: another one');
      const passwordHash = await hashPassword(password);
      await change(call, async ({ tables, record, after }, name) => {
        await tables.admins.update(name, { passwordHash, password: 'own' });
        await tables.webSessions.removeOf('admin', name, session.id);
        record('admin.password-set', name);
        if (admin.password === 'initial') after(() => rm(initialPasswordFile, { force: true }));
      });
      const now = { ...admin, passwordHash, password: 'own' as const };
      return sessionView(store.tables, sessions, { kind: 'admin', session, admin: now });
    },

    async 'account.totp-begin'(_input, call) {
      const { admin, session } = theAdmin(call);
      const { secret, uri, text } = secondFactor.propose(admin.name);
      proposed.begin(secret, session.id);
      return { uri, secret: text };
    },
    async 'account.totp-confirm'({ code }, call) {
      const secret = proposed.take(theAdmin(call).session.id);
      if (!secret) throw new LetterlockError('conflict', 'begin again');
      const step = secondFactor.stepOf(secret, code);
      if (step === null) {
        // A slip of the finger is not worth a new QR code.
        proposed.begin(secret, theAdmin(call).session.id);
        throw new LetterlockError('sign-in-refused', 'code');
      }
      return change(call, async ({ tables, record }, name) => {
        await tables.admins.update(name, { totp: secondFactor.wrap(name, secret) });
        await tables.admins.takeTotpStep(name, step);
        record('admin.totp-set', name);
        return { recoveryCodes: await secondFactor.renewRecoveryCodes(tables, name) };
      });
    },
    async 'account.totp-remove'(_input, call) {
      await change(call, async ({ tables, record }, name) => {
        await tables.admins.update(name, { totp: null });
        record('admin.totp-removed', name);
      });
      return {};
    },
    'account.recovery-codes': (_input, call) =>
      change(call, async ({ tables, record }, name) => {
        record('admin.recovery-codes-renewed', name);
        return { recoveryCodes: await secondFactor.renewRecoveryCodes(tables, name) };
      }),

    async 'account.passkey-begin'(_input, call) {
      const { admin, session } = theAdmin(call);
      return passkeys.beginNew(store.tables, admin.name, session.id, call.host);
    },
    async 'account.passkey-add'(made, call) {
      const { admin, session } = theAdmin(call);
      const passkey = await passkeys.finishNew(admin.name, session.id, call.host, made);
      await change(call, async ({ tables, record }, name) => {
        if (!(await tables.passkeys.insert(passkey))) throw new LetterlockError('conflict', 'this passkey is known');
        record('admin.passkey-added', name, { name: passkey.name, host: passkey.host });
      });
      return passkeyView(passkey);
    },
    async 'account.passkey-list'(_input, call) {
      return (await store.tables.passkeys.of(theAdmin(call).admin.name)).map(passkeyView);
    },
    async 'account.passkey-remove'({ id }, call) {
      await change(call, async ({ tables, record }, name) => {
        if (!(await tables.passkeys.remove(name, id))) throw new LetterlockError('not-found', 'passkey');
        record('admin.passkey-removed', name);
      });
      return {};
    }
  };
}
