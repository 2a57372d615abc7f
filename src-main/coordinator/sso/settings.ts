import type { z } from 'zod';
import { type SsoLinkView, type SsoSettings, type SsoView, UserId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import { isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import { unwrapSecret, wrapSecret } from '../secret-wrap.ts';
import type { CoordinatorStore } from '../store.ts';
import type { Client, Provider } from './provider.ts';
import type { SsoLinkRecord } from './tables.ts';

/** Which provider, and who of it is who here: what owners set up. The client's secret goes in and never comes out. */
export interface SsoConfiguration {
  /** Undefined: nobody signs in through a provider. */
  client(): Promise<Client | undefined>;
  readonly handlers: AdminArea<'sso'>;
}

export function createSsoConfiguration(options: {
  readonly store: CoordinatorStore;
  /** 32 bytes, for nothing else. */
  readonly secretKey: Uint8Array;
  readonly provider: Provider;
  readonly perform: Perform;
}): SsoConfiguration {
  const { store, secretKey, provider, perform } = options;
  const { tables } = store;
  /** Bound to whom it is for: moved to another provider in the database, it does not open. */
  const context = ({ issuer, clientId }: SsoSettings) => `sso client ${JSON.stringify([issuer, clientId])}`;

  async function client(): Promise<Client | undefined> {
    const record = await tables.ssoProvider.get();
    if (!record) return undefined;
    const { settings, secret } = record;
    return { settings, secret: secret && Buffer.from(unwrapSecret(secretKey, secret, context(settings))).toString() };
  }

  return {
    client,
    handlers: {
      async 'admin.sso.get'() {
        const record = await tables.ssoProvider.get();
        return record ? view(record.settings, record.secret !== null) : null;
      },

      async 'admin.sso.set'({ clientSecret, ...settings }, actor) {
        const secret = clientSecret === undefined ? keptSecret(await client(), settings) : clientSecret;
        // Asked before it counts: a slip in the issuer would lock out everybody who has no other way in.
        await provider.begin({ settings, secret }, 'https://localhost', undefined);
        await perform(actor, async ({ tables, record }) => {
          await tables.ssoProvider.set({
            settings,
            secret: secret === null ? null : wrapSecret(secretKey, utf8(secret), context(settings))
          });
          const { authority: _, adminGroups, ...shown } = settings;
          const roles = adminGroups.map(({ group, role }) => `${group}: ${role}`);
          record('sso.set', settings.issuer, { ...shown, adminGroups: roles });
        });
        return view(settings, secret !== null);
      },
      async 'admin.sso.remove'(_input, actor) {
        await perform(actor, async ({ tables, record }) => {
          const known = await tables.ssoProvider.get();
          if (!known) throw new LetterlockError('not-found', 'single sign-on');
          await tables.ssoProvider.remove();
          record('sso.removed', known.settings.issuer);
        });
        return {};
      },

      'admin.sso.link.list': async () => Promise.all((await tables.ssoLinks.list(limits.ssoLinks)).map(linkView)),
      async 'admin.sso.link.remove'({ id }, actor) {
        await perform(actor, async ({ tables, record }) => {
          const link = await tables.ssoLinks.get(id);
          if (!link) throw new LetterlockError('not-found', 'link');
          await tables.ssoLinks.remove(id);
          record('sso.unlinked', id, { kind: link.kind, account: link.account, issuer: link.issuer });
        });
        return {};
      }
    }
  };

  async function linkView(link: SsoLinkRecord): Promise<z.infer<typeof SsoLinkView>> {
    const account = await (link.kind === 'admin'
      ? tables.admins.get(link.account)
      : tables.users.get(UserId.parse(link.account)));
    const { created, lastSignIn } = link;
    return {
      ...link,
      name: account?.name ?? null,
      created: isoTime(created),
      lastSignIn: lastSignIn === null ? null : isoTime(lastSignIn)
    };
  }
}

const view = (settings: SsoSettings, hasSecret: boolean): z.infer<typeof SsoView> => ({ ...settings, hasSecret });

/** A secret that was given for one place is never sent to another. */
function keptSecret(before: Client | undefined, { issuer, clientId, authority }: SsoSettings): string | null {
  const { settings } = before ?? {};
  if (before && settings?.issuer === issuer && settings.clientId === clientId && settings.authority === authority)
    return before.secret;
  throw new LetterlockError('input-invalid', 'clientSecret: needed for another provider');
}
