import type {
  PolicyEffect,
  PolicyEffects,
  PolicyReason,
  PolicyRule,
  PolicyView,
  PrinterId,
  UserGroupId,
  UserId
} from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';

/**
 * What the organization lays down for somebody, somewhere. One pure function decides it for everybody who checks: the client
 * before it seals, the coordinator before it registers, grants and lets begin. Of each part of the policy the most specific
 * rule counts: user before printer, printer before group, group before site, and a rule that names both somebody and a place
 * before one that names either. Among rules that are equally specific the strictest counts. No rule: the settings.
 */
export interface Policy {
  readonly version: number;
  readonly settings: PolicyView;
  readonly rules: readonly PolicyRule[];
}
export interface PolicySubject {
  readonly user: UserId | null;
  readonly groups: readonly UserGroupId[];
  /** Of the printer, or of the printing machine while none is chosen. */
  readonly site: string;
  /** Absent: not chosen yet. Rules for a printer say nothing then. */
  readonly printer?: PrinterId | undefined;
}
export type Decisions = { readonly [Effect in PolicyEffect]: Decision<Effect> };
export interface Decision<Effect extends PolicyEffect = PolicyEffect> extends PolicyReason {
  readonly value: Value<Effect>;
}
type Value<Effect extends PolicyEffect> = Exclude<PolicyEffects[Effect], undefined>;

/** Always answers, whatever the rules are. */
export function decide(policy: Policy, subject: PolicySubject): Decisions {
  const matching = policy.rules.filter((rule) => matches(rule, subject));
  const of = <Effect extends PolicyEffect>(effect: Effect) => decideOne(policy, matching, effect);
  return {
    print: of('print'),
    color: of('color'),
    duplex: of('duplex'),
    custody: of('custody'),
    replicas: of('replicas'),
    quorum: of('quorum'),
    holdHours: of('holdHours'),
    cloudNodes: of('cloudNodes'),
    deliveryGrade: of('deliveryGrade'),
    pagesPerMonth: of('pagesPerMonth'),
    pageCost: of('pageCost'),
    watermark: of('watermark')
  };
}

function decideOne<Effect extends PolicyEffect>(
  { version, settings }: Policy,
  matching: readonly PolicyRule[],
  effect: Effect
): Decision<Effect> {
  let best: { readonly value: Value<Effect>; readonly rule: PolicyRule } | undefined;
  for (const rule of matching) {
    const value = rule.effects[effect] as Value<Effect> | undefined;
    if (value === undefined) continue;
    const ahead = best ? specificity(rule) - specificity(best.rule) : 1;
    const strict = best ? strictness[effect](value) - strictness[effect](best.value) : 0;
    // The id last, so that the order in which rules are kept changes nothing, not even the reason.
    if (!best || (ahead || strict || (rule.id < best.rule.id ? 1 : -1)) > 0) best = { value, rule };
  }
  if (best) return { value: best.value, rule: best.rule.id, words: best.rule.words, version };
  return {
    value: fromSettings[effect](settings),
    rule: 'settings',
    words: settingsWords,
    version
  };
}

/** What stands for the words of a rule where there is none. */
export const settingsWords = 'the settings of the organization';

/** Powers of two, so that a sum says which of them are named, and compares as the highest that differs. */
export const specificity = ({ user, printer, group, site }: PolicyRule): number =>
  (user ? 8 : 0) + (printer ? 4 : 0) + (group ? 2 : 0) + (site ? 1 : 0);

const matches = (rule: PolicyRule, { user, groups, site, printer }: PolicySubject): boolean =>
  (rule.user === undefined || rule.user === user) &&
  (rule.group === undefined || groups.includes(rule.group)) &&
  (rule.printer === undefined || rule.printer === printer) &&
  (rule.site === undefined || rule.site === site);

/** Greater is stricter. */
export const strictness: { readonly [Effect in PolicyEffect]: (value: Value<Effect>) => number } = {
  print: (value) => (value === 'deny' ? 1 : 0),
  color: (value) => (value === 'deny' ? 1 : 0),
  duplex: (value) => (value === 'required' ? 1 : 0),
  custody: (value) => (value === 'strict' ? 1 : 0),
  replicas: (value) => value,
  quorum: (value) => value,
  holdHours: (value) => -value,
  cloudNodes: (value) => (value === 'deny' ? 1 : 0),
  deliveryGrade: (value) => ['plain-allowed', 'ipps-preferred', 'ipps-required'].indexOf(value),
  pagesPerMonth: (value) => (value === null ? Number.NEGATIVE_INFINITY : -value),
  pageCost: ({ grey, color }) => grey + color,
  watermark: (value) => (value === null ? 0 : value.place === 'footer' ? 1 : 2)
};

const fromSettings: { readonly [Effect in PolicyEffect]: (settings: PolicyView) => Value<Effect> } = {
  print: () => 'allow',
  color: () => 'allow',
  duplex: () => 'any',
  custody: ({ custody }) => custody,
  replicas: ({ replicas }) => replicas,
  quorum: ({ quorum }) => quorum,
  holdHours: ({ holdHours }) => holdHours,
  cloudNodes: ({ cloudNodes }) => cloudNodes,
  deliveryGrade: ({ deliveryGrade }) => deliveryGrade,
  pagesPerMonth: () => null,
  pageCost: () => ({ grey: 0, color: 0 }),
  watermark: () => null
};

/**
 * Why this user may print at none of these printers, or null. Before a printer is chosen, one where it is allowed is enough;
 * an organization without a printer yet is asked what holds everywhere.
 */
export function refusedEverywhere(
  policy: Policy,
  subject: PolicySubject,
  printers: readonly Required<Pick<PolicySubject, 'printer' | 'site'>>[]
): PolicyRefused | null {
  const rules = policy.rules.filter(({ effects }) => effects.print);
  if (rules.length === 0) return null;
  const of = (place?: (typeof printers)[number]) => {
    const asked = { ...subject, ...place };
    return decideOne(
      policy,
      rules.filter((rule) => matches(rule, asked)),
      'print'
    );
  };
  const general = of();
  const decided = printers.map((place) => of(place));
  if (decided.length === 0 ? general.value === 'allow' : decided.some(({ value }) => value === 'allow')) return null;
  const reason = [general, ...decided].find(({ value }) => value === 'deny');
  return reason ? new PolicyRefused('print', reason) : null;
}

/** As people read it. `about`: what the words of the rule cannot say. */
export const reasonText = ({ rule, words, version }: PolicyReason, about = ''): string =>
  `rule ${rule}, version ${version}: ${words}${about && ` ${about}`}`;

/** `policy-refused` with the rule in its detail, and at hand for the log. */
export class PolicyRefused extends LetterlockError {
  readonly reason: PolicyReason;

  constructor(
    readonly effect: PolicyEffect,
    { rule, words, version }: PolicyReason,
    about = ''
  ) {
    super('policy-refused', reasonText({ rule, words, version }, about));
    this.reason = { rule, words, version };
  }
}
