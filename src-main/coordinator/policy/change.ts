import { isDeepStrictEqual } from 'node:util';
import type { PolicyRule, PolicyVersionView, PolicyView } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Act } from '../act.ts';
import { policyInForce } from './in-force.ts';
import type { PolicyRecord } from './tables.ts';

export interface PolicyContent {
  readonly settings: PolicyView;
  readonly rules: readonly PolicyRule[];
}
export interface PolicyEdit {
  readonly author: string;
  readonly reason?: string | undefined;
  /** The version that whoever changes it has seen; another one meanwhile is a `conflict`. */
  readonly seen?: number | undefined;
  readonly now: number;
}

/** A new version, with its audit row; what changes nothing makes none. Throws `conflict`, `not-found`, `too-large`. */
export async function changePolicy(
  act: Act,
  { author, reason = '', seen, now }: PolicyEdit,
  edit: (content: PolicyContent) => PolicyContent
): Promise<PolicyRecord> {
  const { tables, record } = act;
  const before = await policyInForce(tables);
  if (seen !== undefined && seen !== before.version)
    throw new LetterlockError('conflict', `the policy is at version ${before.version} now`);
  const { settings, rules } = edit(before);
  const changes = changesBetween(before, { settings, rules });
  if (changes.length === 0) return before;
  if (rules.length > limits.policyRules) throw new LetterlockError('too-large', `at most ${limits.policyRules} rules`);
  for (const rule of rules) if (!before.rules.includes(rule)) await requireKnown(act, rule);

  const after: PolicyRecord = { version: before.version + 1, created: now, author, reason, settings, rules };
  await tables.policies.insert(after);
  await tables.organization.setPolicy(settings);
  const said = changes.map(({ what, before, after }) => `${what}: ${before ?? '-'} → ${after ?? '-'}`);
  record('policy.changed', 'policy', { version: after.version, reason, changes: said });
  return after;
}

/** What a rule names must be there when it is made. When it goes later the rule just fits nobody. */
async function requireKnown({ tables }: Act, { user, group, printer, site }: PolicyRule): Promise<void> {
  const missing =
    (user && !(await tables.users.get(user)) && 'user') ||
    (group && !(await tables.userGroups.get(group)) && 'group') ||
    (printer && !(await tables.printers.get(printer)) && 'printer') ||
    (site && !(await tables.sites.get(site)) && 'site');
  if (missing) throw new LetterlockError('not-found', missing);
}

/** Setting by setting and rule by rule. */
export function changesBetween(before: PolicyContent, after: PolicyContent): PolicyVersionView['changes'] {
  return [
    ...differences('settings', Object.entries(before.settings), Object.entries(after.settings)),
    ...differences('rule', byId(before.rules), byId(after.rules))
  ];
}

const byId = (rules: readonly PolicyRule[]): [string, unknown][] => rules.map((rule) => [rule.id, rule]);

function differences(what: string, before: [string, unknown][], after: [string, unknown][]) {
  const [old, now] = [new Map(before), new Map(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => !isDeepStrictEqual(old.get(name), now.get(name)))
    .map((name) => ({ what: `${what} ${name}`, before: text(old.get(name)), after: text(now.get(name)) }));
}

const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
