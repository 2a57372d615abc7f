import { z } from 'zod';
import { GrantId, PrinterId, UserGroupId, UserId } from './ids.ts';
import { CloudNodes, Custody, DeliveryGrade, PolicyView } from './views.ts';

/**
 * Rules: exceptions from the organization's settings, for somebody, somewhere. What is left out of a rule is left to others.
 * docs/guide/policies.md says which rule counts, and where each part is checked.
 */
/** Chosen by whoever writes the rule; people read it in refusals. */
export const PolicyRuleId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/);

/** What can stand in the text of a watermark, in braces; whoever grants the print puts it in. */
export const watermarkWords = ['user', 'time', 'printer', 'job'] as const;
/** Small at the foot of the page, or large, light and across it. */
export const WatermarkPlace = z.enum(['footer', 'diagonal']);
export const Watermark = z.object({
  text: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .refine(
      (text) => [...text.matchAll(/\{(.*?)\}/g)].every(([, word]) => watermarkWords.some((known) => known === word)),
      'in braces: user, time, printer or job'
    ),
  place: WatermarkPlace
});
export type Watermark = z.infer<typeof Watermark>;

/** What a rule may lay down. */
const effects = {
  /** Whether this user may print there. */
  print: z.enum(['allow', 'deny']),
  /** `deny`: black and white only. */
  color: z.enum(['allow', 'deny']),
  /** `required`: no one-sided prints. */
  duplex: z.enum(['any', 'required']),
  custody: Custody,
  replicas: z.int().min(1).max(5),
  /** How many of them must be on disk before a job counts as sent; never more than there are to be. */
  quorum: z.int().min(1).max(5),
  /** Whether jobs may lie on cloud nodes, outside of the organization's network. */
  cloudNodes: CloudNodes,
  /** Hours until a job is erased. */
  holdHours: z.number().min(0.5).max(168),
  deliveryGrade: DeliveryGrade,
  /** Printed sides that one person may have in a month (UTC); null: as many as they like. */
  pagesPerMonth: z.int().min(0).max(1_000_000).nullable(),
  /** Hundredths of the organization's currency for one printed side; counted, never charged. */
  pageCost: z.object({ grey: z.int().min(0).max(100_000), color: z.int().min(0).max(100_000) }),
  /** Stamped on every page by the node that delivers; null: nothing is. */
  watermark: Watermark.nullable()
};
export const PolicyEffects = z.object(effects).partial();
export type PolicyEffects = z.infer<typeof PolicyEffects>;
export type PolicyEffect = keyof typeof effects;

/** What is decided before a printer is chosen: a rule for a printer cannot lay it down. */
export const effectsBeforePrinter = [
  'custody',
  'replicas',
  'quorum',
  'holdHours',
  'cloudNodes'
] as const satisfies readonly PolicyEffect[];

const rule = z.object({
  id: PolicyRuleId,
  /** What is said to whom it refuses something: in the organization's own words. */
  words: z.string().trim().min(1).max(160),
  /** For whom; neither: for everybody. */
  user: UserId.optional(),
  group: UserGroupId.optional(),
  /** Where; neither: everywhere. */
  printer: PrinterId.optional(),
  site: z.string().min(1).max(128).optional(),
  effects: PolicyEffects
});
/** A rule as it is kept and distributed. */
export const PolicyRule = rule;
export type PolicyRule = z.infer<typeof PolicyRule>;
/** A rule as it is made: what would never count, or would say nothing, is refused. */
export const NewPolicyRule = rule
  .refine(({ id }) => id !== 'settings', 'settings is what is said where no rule is')
  .refine(({ user, group }) => user === undefined || group === undefined, 'a user or a group, not both')
  .refine(({ printer, site }) => printer === undefined || site === undefined, 'a printer or a site, not both')
  .refine((one) => Object.values(one.effects).some((value) => value !== undefined), 'it lays nothing down')
  .refine(
    ({ printer, effects }) =>
      printer === undefined || effectsBeforePrinter.every((name) => effects[name] === undefined),
    'custody, replicas, quorum, holdHours and cloudNodes are decided before a printer is chosen'
  );

/** What a decision goes back to: a rule, or the organization's settings. */
export const PolicyReason = z.object({
  /** Id of the rule; `settings`: no rule says anything, so the organization's settings count. */
  rule: z.string(),
  words: z.string(),
  /** Of the policy that it stands in. */
  version: z.int()
});
export type PolicyReason = z.infer<typeof PolicyReason>;

export const PolicyVersionView = z.object({
  version: z.int(),
  created: z.string(),
  /** As in the audit log: `admin:<name>`, `coordinator`. */
  author: z.string(),
  reason: z.string(),
  /** Against the version before it, or against the one that was asked for. JSON texts; null: not there. */
  changes: z.array(z.object({ what: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
});
export type PolicyVersionView = z.infer<typeof PolicyVersionView>;

/** The whole policy as it counts now. */
export const PolicyDocument = z.object({
  version: z.int(),
  settings: PolicyView,
  rules: z.array(PolicyRule)
});

export const PolicyExplanation = z.object({
  version: z.int(),
  allowed: z.boolean(),
  /** Why not; empty when it is allowed. */
  refusals: z.array(PolicyReason.extend({ effect: z.string() })),
  /** Each part of the policy, what counts for this user there, and why. `value`: JSON text. */
  decisions: z.array(PolicyReason.extend({ effect: z.string(), value: z.string() })),
  /** Printed this month, as far as it is known. */
  pagesThisMonth: z.int()
});

export const PolicyPreview = z.object({
  /** Releases of the last seven days that were looked at. */
  releases: z.int(),
  /** What was let through and would be refused now. */
  refused: z.array(
    z.object({ user: z.string(), printer: z.string(), releases: z.int(), rule: z.string(), words: z.string() })
  ),
  changes: PolicyVersionView.shape.changes
});

/** Refusals of one job, newest first. */
export const PolicyRefusalView = PolicyReason.extend({
  time: z.string(),
  /** Where it was refused: when it was registered, released, or given to the printer. */
  step: z.enum(['submit', 'grant', 'start', 'delivery']),
  effect: z.string(),
  grant: GrantId.nullable()
});

/** What one person printed in a month. */
export const PageUsageView = z.object({
  user: UserId,
  name: z.string(),
  /** Printed sides; of jobs whose sides nobody knows, none. */
  pages: z.int(),
  colorPages: z.int(),
  /** Hundredths of the organization's currency. */
  cost: z.int(),
  /** Jobs among them whose sides neither printer nor document told. */
  uncounted: z.int()
});
