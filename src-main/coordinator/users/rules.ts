import { UserRules } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import type { AdminHandlers } from '../admin/area.ts';
import type { CoordinatorStore } from '../store.ts';

/** What the organization has decided about PINs, delegates and guests. Looked at each time that it matters; machines never need it. */
export function userRuleHandlers(options: {
  readonly store: CoordinatorStore;
  readonly perform: Perform;
}): Pick<AdminHandlers, 'admin.user.rules' | 'admin.user.set-rules'> {
  const { store, perform } = options;
  return {
    'admin.user.rules': () => store.tables.organization.userRules(),
    'admin.user.set-rules': (change, actor) =>
      perform(actor, async ({ tables, record }) => {
        const { guestHosts } = change;
        if (guestHosts && !(await tables.userGroups.get(guestHosts))) throw new LetterlockError('not-found', 'group');
        const rules = UserRules.parse({ ...(await tables.organization.userRules()), ...change });
        await tables.organization.setUserRules(rules);
        record('user-rules.changed', 'user-rules', rules);
        return rules;
      })
  };
}
