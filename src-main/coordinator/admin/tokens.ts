import type { z } from 'zod';
import type { TokenView } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { formatEnrollmentToken } from '../../identity/pairing-code.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import { createToken } from '../pairing/tokens.ts';
import { chosenSite } from '../sites/sites.ts';
import type { CoordinatorStore, TokenRecord } from '../store.ts';
import { userByName } from '../users/accounts.ts';
import type { AdminArea } from './area.ts';

export interface TokenHandlerOptions {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  /** `host:port` of the pairing listener. */
  readonly pairingAddress: () => string;
  readonly perform: Perform;
  readonly clock: Clock;
}

export function tokenHandlers(options: TokenHandlerOptions): AdminArea<'token'> {
  const { store, identity, pairingAddress, perform, clock } = options;

  async function views(tokens: readonly TokenRecord[]): Promise<z.infer<typeof TokenView>[]> {
    const names = new Map((await store.tables.users.list()).map((user) => [user.id, user.name]));
    return tokens.map(({ id, roles, cloud, uses, maxUses, expires, owner, site }) => ({
      id,
      roles: [...roles],
      cloud,
      uses,
      maxUses,
      expires: isoTime(expires),
      owner: owner === null ? null : (names.get(owner) ?? null),
      site
    }));
  }

  return {
    async 'admin.token.create'({ roles, maxUses, hours, owner, cloud = false, site }, actor) {
      if (cloud && !roles.includes('node')) throw new LetterlockError('input-invalid', 'cloud: it enrols no node');
      const user = owner === undefined ? null : (await userByName(store.tables, owner)).id;
      const expires = clock.now() + Math.round(hours * 3600 * 1000);
      const wanted = { roles: [...new Set(roles)], maxUses, expires, owner: user, cloud };
      const { token, secret } = await perform(actor, async (act) =>
        createToken(act, { ...wanted, site: await chosenSite(act.tables, site) })
      );
      const [view] = await views([token]);
      if (!view) throw new LetterlockError('internal');
      const text = formatEnrollmentToken({
        coordinator: pairingAddress(),
        secret,
        certificateSha256: identity.certificateSha256
      });
      return { ...view, token: text };
    },
    'admin.token.list': async () => views((await store.tables.tokens.list()).filter(({ revoked }) => !revoked)),
    async 'admin.token.revoke'({ id }, actor) {
      await perform(actor, async ({ tables, record }) => {
        if (!(await tables.tokens.get(id))) throw new LetterlockError('not-found', 'token');
        await tables.tokens.revoke(id);
        record('token.revoked', id);
      });
      return {};
    }
  };
}
