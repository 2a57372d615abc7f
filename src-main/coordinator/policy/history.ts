import { z } from 'zod';
import {
  GrantId,
  type JobId,
  type PageUsageView,
  PolicyRefusalView,
  type PolicyVersionView
} from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { reasonText, settingsWords } from '../../protocol/policy.ts';
import { parsedOrNothing } from '../audit/records.ts';
import type { Tables } from '../store.ts';
import { changesBetween } from './change.ts';
import { monthOf } from './in-force.ts';

/** Versions, newest first, each with what it changed. */
export async function history(
  { policies }: Tables,
  { before = Number.MAX_SAFE_INTEGER, limit }: { readonly before?: number | undefined; readonly limit: number }
): Promise<PolicyVersionView[]> {
  // One more, to see what the oldest of them changed.
  const versions = await policies.list(before, limit + 1);
  return versions.slice(0, limit).map((one, i) => {
    const { version, created, author, reason } = one;
    const earlier = versions[i + 1];
    const changes = earlier ? changesBetween(earlier, one) : [];
    return { version, created: isoTime(created), author, reason, changes };
  });
}

const Refusal = z.object({
  rule: z.string(),
  version: z.int(),
  effect: z.string(),
  step: PolicyRefusalView.shape.step,
  grant: GrantId.nullable()
});
const mostRefusals = 50;

/** Why a job was refused, newest first, from the log, in the words of the version that refused it. */
export async function refusalsOf(
  tables: Tables,
  job: JobId,
  limit = mostRefusals
): Promise<z.infer<typeof PolicyRefusalView>[]> {
  const rows = await tables.audit.find({ action: 'policy.refused', subject: job }, { after: 0, newest: true, limit });
  const refusals: z.infer<typeof PolicyRefusalView>[] = [];
  for (const { time, detail } of rows) {
    const said = Refusal.safeParse(parsedOrNothing(detail));
    if (!said.success) continue;
    const policy = await tables.policies.get(said.data.version);
    const words =
      policy?.rules.find(({ id }) => id === said.data.rule)?.words ??
      (said.data.rule === 'settings' ? settingsWords : '');
    refusals.push({ ...said.data, words, time: isoTime(time) });
  }
  return refusals;
}

/** The newest one, in a line. */
export async function lastRefusal(tables: Tables, job: JobId): Promise<string | undefined> {
  const [refusal] = await refusalsOf(tables, job, 1);
  return refusal && reasonText(refusal);
}

/** What everybody printed in a month. */
export async function usageOf(
  tables: Tables,
  month: string | undefined,
  now: number
): Promise<{ month: string; users: z.infer<typeof PageUsageView>[] }> {
  const asked = month ?? monthOf(now);
  const names = new Map((await tables.users.list()).map(({ id, name }) => [id, name]));
  const usage = await tables.pageCounts.ofMonth(asked);
  return { month: asked, users: usage.map((one) => ({ ...one, name: names.get(one.user) ?? '' })) };
}
