import { PolicyView } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import { changePolicy, type PolicyContent } from '../policy/change.ts';
import { explain } from '../policy/explain.ts';
import { history, refusalsOf, usageOf } from '../policy/history.ts';
import { policyInForce } from '../policy/in-force.ts';
import { preview } from '../policy/preview.ts';
import type { PolicyRecord } from '../policy/tables.ts';
import type { CoordinatorStore } from '../store.ts';
import type { AdminArea } from './area.ts';

export interface PolicyHandlerOptions {
  readonly store: CoordinatorStore;
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
  readonly clock: Clock;
}

export function policyHandlers({ store, directory, perform, clock }: PolicyHandlerOptions): AdminArea<'policy'> {
  const refresh = () => directory.refresh();
  interface Change {
    readonly reason?: string | undefined;
    readonly seen?: number | undefined;
  }
  const change = (
    author: string,
    { reason, seen }: Change,
    edit: (content: PolicyContent) => PolicyContent
  ): Promise<PolicyRecord> =>
    perform(author, async (act) => {
      act.after(refresh);
      return changePolicy(act, { author, reason, seen, now: clock.now() }, edit);
    });

  return {
    'admin.policy.get': async () => (await policyInForce(store.tables)).settings,
    'admin.policy.show': async () => documentOf(await policyInForce(store.tables)),
    async 'admin.policy.set'({ reason, seen, ...changed }, actor) {
      const { settings } = await change(actor, { reason, seen }, ({ settings, rules }) => ({
        settings: PolicyView.parse({ ...settings, ...changed }),
        rules
      }));
      return settings;
    },
    async 'admin.policy.rule.set'({ rule, ...why }, actor) {
      return documentOf(
        await change(actor, why, ({ settings, rules }) => {
          const others = rules.filter(({ id }) => id !== rule.id);
          return { settings, rules: [...others, rule].sort(({ id: a }, { id: b }) => (a < b ? -1 : 1)) };
        })
      );
    },
    async 'admin.policy.rule.remove'({ id, ...why }, actor) {
      return documentOf(
        await change(actor, why, ({ settings, rules }) => {
          if (!rules.some((rule) => rule.id === id)) throw new LetterlockError('not-found', 'rule');
          return { settings, rules: rules.filter((rule) => rule.id !== id) };
        })
      );
    },
    'admin.policy.history': (range) => history(store.tables, range),
    'admin.policy.preview': (wish) => preview(store.tables, wish, clock.now()),
    'admin.policy.explain': (question) => explain(store.tables, question, clock.now()),
    'admin.policy.why': ({ job }) => refusalsOf(store.tables, job),
    'admin.policy.usage': ({ month }) => usageOf(store.tables, month, clock.now())
  };
}

const documentOf = ({ version, settings, rules }: PolicyRecord) => ({ version, settings, rules: [...rules] });
