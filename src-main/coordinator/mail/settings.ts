import type { z } from 'zod';
import type { MailSettings, MailView } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import type { AdminHandlers } from '../admin/area.ts';
import { unwrapSecret, wrapSecret } from '../secret-wrap.ts';
import type { CoordinatorStore } from '../store.ts';
import type { MailServer } from './smtp.ts';

/** Which mail server: what owners set up. Its password goes in and never comes out. */
export interface MailConfiguration {
  /** Undefined: nothing is mailed. */
  server(): Promise<MailServer | undefined>;
  readonly handlers: Pick<AdminHandlers, 'admin.mail.get' | 'admin.mail.set' | 'admin.mail.remove'>;
}

export function createMailConfiguration(options: {
  readonly store: CoordinatorStore;
  /** 32 bytes, for nothing else. */
  readonly secretKey: Uint8Array;
  /** Throws what is wrong with a server. */
  readonly attempt: (server: MailServer) => Promise<void>;
  readonly perform: Perform;
}): MailConfiguration {
  const { store, secretKey, attempt, perform } = options;
  const { mailServer } = store.tables;
  /** Bound to where it may go: moved to another server in the database, it does not open. */
  const context = ({ host, port, tls, user, authority }: MailSettings) =>
    `mail ${JSON.stringify([host, port, tls, user, authority])}`;

  async function server(): Promise<MailServer | undefined> {
    const record = await mailServer.get();
    if (!record) return undefined;
    const { settings, password } = record;
    return {
      settings,
      password: password && Buffer.from(unwrapSecret(secretKey, password, context(settings))).toString()
    };
  }

  async function keptPassword(settings: MailSettings): Promise<string | null> {
    if (settings.user === null) return null;
    const before = await server();
    if (before && context(before.settings) === context(settings)) return before.password;
    throw new LetterlockError('input-invalid', 'password: needed for another server or user');
  }

  return {
    server,
    handlers: {
      async 'admin.mail.get'() {
        const record = await mailServer.get();
        return record ? view(record.settings, record.password !== null) : null;
      },

      async 'admin.mail.set'({ password: given, ...settings }, actor) {
        const password = given === undefined ? await keptPassword(settings) : given;
        if ((password === null) !== (settings.user === null))
          throw new LetterlockError('input-invalid', 'user and password: both or neither');
        await attempt({ settings, password });
        await perform(actor, async ({ tables, record }) => {
          await tables.mailServer.set({
            settings,
            password: password === null ? null : wrapSecret(secretKey, utf8(password), context(settings))
          });
          const { authority: _, ...shown } = settings;
          record('mail.set', settings.host, shown);
        });
        return view(settings, password !== null);
      },

      async 'admin.mail.remove'(_input, actor) {
        await perform(actor, async ({ tables, record }) => {
          const known = await tables.mailServer.get();
          if (!known) throw new LetterlockError('not-found', 'mail server');
          await tables.mailServer.remove();
          record('mail.removed', known.settings.host);
        });
        return {};
      }
    }
  };
}

const view = (settings: MailSettings, hasPassword: boolean): z.infer<typeof MailView> => ({ ...settings, hasPassword });
