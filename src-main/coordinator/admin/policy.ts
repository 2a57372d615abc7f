import { PolicyView } from '../../../src-preload/contract/index.ts';
import type { Perform } from '../act.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { AdminArea } from './area.ts';

export interface PolicyHandlerOptions {
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
}

export function policyHandlers({ directory, perform }: PolicyHandlerOptions): AdminArea<'policy'> {
  const refresh = () => directory.refresh();
  return {
    'admin.policy.get': async () => directory.current().policy,
    'admin.policy.set': (change, actor) =>
      perform(actor, async ({ tables, record, after }) => {
        const before = (await tables.organization.get())?.policy ?? directory.current().policy;
        const policy = PolicyView.parse({ ...before, ...change });
        await tables.organization.setPolicy(policy);
        record('policy.changed', 'policy', policy);
        after(refresh);
        return policy;
      })
  };
}
