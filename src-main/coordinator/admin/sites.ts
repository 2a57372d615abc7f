import type { SiteView } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { KeyRotation } from '../key-rotation.ts';
import { endOfflineKeys } from '../offline/keys.ts';
import { currentKeys } from '../release-keys.ts';
import { firstSite, requireSite } from '../sites/sites.ts';
import type { SiteRecord } from '../sites/tables.ts';
import { siteUse } from '../sites/use.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import type { AdminArea } from './area.ts';

export interface SiteHandlerOptions {
  readonly store: CoordinatorStore;
  readonly directory: DirectoryKeeper;
  readonly rotation: KeyRotation;
  readonly perform: Perform;
  readonly clock: Clock;
}

/** Sites are made with a release key of their own, and go with it, once nothing belongs to them. */
export function siteHandlers({ store, directory, rotation, perform, clock }: SiteHandlerOptions): AdminArea<'site'> {
  const refresh = () => directory.refresh();
  const scrub = () => store.scrub();

  async function views(tables: Tables, sites: readonly SiteRecord[]): Promise<SiteView[]> {
    const first = await firstSite(tables);
    const use = await siteUse(tables, clock.now());
    const keys = await currentKeys(tables);
    const of = ({ id, name, created }: SiteRecord): SiteView => {
      const { devices, printers, heldJobs } = use(id);
      const releaseKeyEpoch = keys.get(id)?.epoch ?? 0;
      const counts = { devices, printers, heldJobs, releaseKeyEpoch };
      return { id, name, created: isoTime(created), ...counts, first: id === first };
    };
    return sites.map(of).sort((a, b) => Number(b.first) - Number(a.first));
  }
  async function view(tables: Tables, site: SiteRecord): Promise<SiteView> {
    const [only] = await views(tables, [site]);
    if (!only) throw new LetterlockError('internal');
    return only;
  }

  return {
    'admin.site.list': async () => views(store.tables, await store.tables.sites.list()),

    'admin.site.create': ({ id, name }, actor) =>
      perform(actor, async (act) => {
        const { tables, record, after } = act;
        const site: SiteRecord = { id, name, created: clock.now() };
        if ((await tables.sites.list()).length >= limits.sites)
          throw new LetterlockError('too-large', `at most ${limits.sites} sites`);
        if (!(await tables.sites.insert(site))) throw new LetterlockError('conflict', 'site');
        record('site.created', id, { name });
        await rotation.rotate(act, id);
        after(refresh);
        return view(tables, site);
      }),

    'admin.site.rename': ({ id, name }, actor) =>
      perform(actor, async ({ tables, record, after }) => {
        const site = await requireSite(tables, id);
        if (site.name !== name) {
          await tables.sites.rename(id, name);
          record('site.renamed', id, { from: site.name, to: name });
          after(refresh);
        }
        return view(tables, { ...site, name });
      }),

    async 'admin.site.remove'({ id }, actor) {
      await perform(actor, async (act) => {
        const { tables, record, after } = act;
        const { name } = await requireSite(tables, id);
        if (id === (await firstSite(tables))) throw new LetterlockError('conflict', 'the first site stays');
        const use = Object.entries((await siteUse(tables, clock.now()))(id)).filter(([, count]) => count > 0);
        if (use.length > 0)
          throw new LetterlockError('conflict', use.map(([what, count]) => `${what}: ${count}`).join(', '));
        await tables.sites.remove(id);
        record('site.removed', id, { name });
        await rotation.end(act, id);
        await endOfflineKeys(act, id, clock.now());
        after(scrub);
        after(refresh);
      });
      return {};
    }
  };
}
