import type { z } from 'zod';
import type { PolicyEffect, PolicyExplanation, PrinterId, SiteId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { type Decision, type Decisions, decide } from '../../protocol/policy.ts';
import { chosenSite } from '../sites/sites.ts';
import type { Tables } from '../store.ts';
import { emailKey, nameKey } from '../users/accounts.ts';
import { monthOf, policyInForce, subjectOf } from './in-force.ts';

export interface PolicyQuestion {
  /** Name or e-mail address. */
  readonly user: string;
  readonly printer?: PrinterId | undefined;
  /** Where the printing machine is; with a printer that one's site counts. Undefined: the first one. */
  readonly site?: SiteId | undefined;
  readonly color?: boolean | undefined;
  readonly twoSided?: boolean | undefined;
}

/** What would be decided for this user there, now, and by which rules. Throws `not-found`. */
export async function explain(
  tables: Tables,
  question: PolicyQuestion,
  now: number
): Promise<z.infer<typeof PolicyExplanation>> {
  const user =
    (await tables.users.byNameKey(nameKey(question.user))) ?? (await tables.users.byEmail(emailKey(question.user)));
  if (!user) throw new LetterlockError('not-found', 'user');
  if (question.printer && !(await tables.printers.get(question.printer)))
    throw new LetterlockError('not-found', 'printer');
  const policy = await policyInForce(tables);
  const { printer } = question;
  const where = printer ? { printer } : { site: await chosenSite(tables, question.site) };
  const decisions = decide(policy, await subjectOf(tables, user.id, where));
  const pagesThisMonth = await tables.pageCounts.pagesOf(user.id, monthOf(now));
  const refusals = refusedEffects(decisions, question, pagesThisMonth).map((effect) => {
    const { rule, words, version } = decisions[effect];
    return { effect, rule, words, version };
  });
  return {
    version: policy.version,
    allowed: refusals.length === 0,
    refusals,
    decisions: Object.entries(decisions).map(([effect, { value, rule, words, version }]: [string, Decision]) => ({
      ...{ effect, rule, words, version },
      value: JSON.stringify(value)
    })),
    pagesThisMonth
  };
}

function refusedEffects(
  { print, color, duplex, pagesPerMonth }: Decisions,
  asked: PolicyQuestion,
  printed: number
): PolicyEffect[] {
  const refused: Partial<Record<PolicyEffect, boolean>> = {
    print: print.value === 'deny',
    color: asked.color === true && color.value === 'deny',
    duplex: asked.twoSided === false && duplex.value === 'required',
    pagesPerMonth: pagesPerMonth.value !== null && printed >= pagesPerMonth.value
  };
  return (Object.keys(refused) as PolicyEffect[]).filter((effect) => refused[effect]);
}
