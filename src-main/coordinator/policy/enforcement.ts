import type { GrantId, JobId, PrinterId, SiteId, UserId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { type Decisions, decide, PolicyRefused, refusedEverywhere } from '../../protocol/policy.ts';
import { type PrintTerms, termsOf } from '../../protocol/print-terms.ts';
import type { Perform } from '../act.ts';
import type { Tables } from '../store.ts';
import { decisionsFor, monthOf, policyInForce, subjectOf } from './in-force.ts';

/** What holds for a job of a site before a printer is chosen. Throws `policy-refused` when its owner may print nowhere. */
export async function requireSubmittable(tables: Tables, user: UserId, site: SiteId): Promise<Decisions> {
  const policy = await policyInForce(tables);
  const subject = await subjectOf(tables, user, { site });
  const printers = (await tables.printers.list()).filter(({ status }) => status === 'approved');
  const refused = refusedEverywhere(
    policy,
    subject,
    printers.map(({ id, site }) => ({ printer: id, site }))
  );
  if (refused) throw refused;
  return decide(policy, subject);
}

/**
 * Before a grant, and once more before its first byte: the owner may print there, and has pages left. How the job wants to be
 * printed is not known here; `terms` is for the node, which knows it. Throws `policy-refused`.
 */
export async function requirePrintable(
  tables: Tables,
  { user, printer, now }: { readonly user: UserId; readonly printer: PrinterId; readonly now: number }
): Promise<{ readonly decisions: Decisions; readonly terms: PrintTerms }> {
  const decisions = await decisionsFor(tables, { user, printer });
  if (decisions.print.value === 'deny') throw new PolicyRefused('print', decisions.print);
  const limited = decisions.pagesPerMonth.value !== null;
  const terms = termsOf(decisions, limited ? await tables.pageCounts.pagesOf(user, monthOf(now)) : 0);
  if (terms.pages?.left === 0) throw new PolicyRefused('pagesPerMonth', decisions.pagesPerMonth);
  return { decisions, terms };
}

/**
 * Runs an act; a refusal by the policy, which undoes it, is written down in one of its own. `actor`: as in the audit log;
 * `concerns`: to be called as soon as it is known what it is about.
 */
export type NoteRefusals = <T>(
  step: { readonly actor: string; readonly step: 'submit' | 'grant' | 'start' },
  run: (concerns: (job: JobId, grant?: GrantId) => void) => Promise<T>
) => Promise<T>;

/** So many of one actor in a minute: a machine that ignores the policy must not fill the log. */
export function createNoteRefusals(perform: Perform, clock: Clock): NoteRefusals {
  const minutes = new Map<string, number>();
  let minute = 0;
  const mayNote = (actor: string): boolean => {
    const now = Math.floor(clock.now() / 60_000);
    if (now !== minute) minutes.clear();
    minute = now;
    const noted = (minutes.get(actor) ?? 0) + 1;
    minutes.set(actor, noted);
    return noted <= limits.policyRefusalsPerMinute;
  };
  return async ({ actor, step }, run) => {
    let about: { readonly job: JobId; readonly grant: GrantId | null } | undefined;
    try {
      return await run((job, grant) => {
        about = { job, grant: grant ?? null };
      });
    } catch (error) {
      if (error instanceof PolicyRefused && about && mayNote(actor)) {
        const { job, grant } = about;
        const { rule, version } = error.reason;
        const { effect } = error;
        await perform(actor, async ({ record }) =>
          record('policy.refused', job, { rule, version, effect, step, grant })
        );
      }
      throw error;
    }
  };
}
