import { PolicyChange, PolicyView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { none } from './fields.ts';

/** Who may do what, and for how long. */
export const policyProcedures = {
  'admin.policy.get': procedure(admin.read, none, PolicyView),
  'admin.policy.set': procedure(admin.dangerous, PolicyChange, PolicyView)
} as const;
