import { z } from 'zod';
import { JobId, PrinterId } from '../ids.ts';
import {
  NewPolicyRule,
  PageUsageView,
  PolicyDocument,
  PolicyExplanation,
  PolicyPreview,
  PolicyRefusalView,
  PolicyRuleId,
  PolicyVersionView
} from '../policy-views.ts';
import { SiteId } from '../site-views.ts';
import { PolicyChange, PolicyView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { Name, none } from './fields.ts';

/** Why, for those who come later; and the version that was seen: another one meanwhile answers `conflict`. */
const change = { reason: z.string().trim().max(500).optional(), seen: z.int().positive().optional() };
const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/** Who may do what, and for how long. */
export const policyProcedures = {
  'admin.policy.get': procedure(admin.read, none, PolicyView),
  'admin.policy.set': procedure(admin.dangerous, PolicyChange.extend(change), PolicyView),
  /** Settings and rules with the version that they are. */
  'admin.policy.show': procedure(admin.read, none, PolicyDocument),
  /** Adds the rule, or puts it in the place of the one with this id. */
  'admin.policy.rule.set': procedure(admin.dangerous, z.object({ rule: NewPolicyRule, ...change }), PolicyDocument),
  'admin.policy.rule.remove': procedure(admin.dangerous, z.object({ id: PolicyRuleId, ...change }), PolicyDocument),
  /** Newest first, each with what it changed. */
  'admin.policy.history': procedure(
    admin.read,
    z.object({ before: z.int().positive().optional(), limit: z.int().min(1).max(100).default(20) }),
    z.array(PolicyVersionView)
  ),
  /** What a change would refuse of all that was printed in the last seven days. Changes nothing. */
  'admin.policy.preview': procedure(
    admin.read,
    z.object({
      settings: PolicyChange.default({}),
      set: z.array(NewPolicyRule).max(100).default([]),
      remove: z.array(PolicyRuleId).max(100).default([])
    }),
    PolicyPreview
  ),
  /** `user`: name or e-mail address. What is left out is not looked at. */
  'admin.policy.explain': procedure(
    admin.read,
    z.object({
      user: Name,
      printer: PrinterId.optional(),
      /** Where it is printed from; at a printer that one's site counts. Absent: the first one. */
      site: SiteId.optional(),
      color: z.boolean().optional(),
      twoSided: z.boolean().optional()
    }),
    PolicyExplanation
  ),
  /** Why a job was refused. */
  'admin.policy.why': procedure(admin.read, z.object({ job: JobId }), z.array(PolicyRefusalView)),
  /** `month`: as 2026-01, in UTC; this one when it is left out. */
  'admin.policy.usage': procedure(
    admin.read,
    z.object({ month: Month.optional() }),
    z.object({ month: Month, users: z.array(PageUsageView) })
  )
} as const;
