import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import { type Digest, type MembershipMessage, membershipLimits } from '../../protocol/membership.ts';
import type { MemberRecord } from './roster.ts';

/**
 * Anti-entropy by pages: one side says which incarnations it has of the next members in the order of ids, the other answers
 * with what is newer and asks for the words that it lacks. A page has a bounded size, so that the cost does not grow with the mesh; the
 * next page comes with the next exchange, with somebody else.
 */
type Page = Pick<Extract<MembershipMessage, { type: 'sync' }>, 'after' | 'upTo' | 'members'>;

/** The members after `after`. `records` are in the order of ids. */
export function pageAfter(after: DeviceId | null, records: readonly Pick<MemberRecord, 'id' | 'digest'>[]): Page {
  const rest = records.filter(({ id }) => after === null || id > after);
  const members = rest.slice(0, membershipLimits.page).map(({ digest }) => digest);
  const isAll = rest.length <= membershipLimits.page;
  return { after, upTo: isAll ? null : (members.at(-1)?.id ?? null), members };
}

/** What the side that was sent the page has to say to it. */
export function answerPage(
  page: Page,
  records: readonly MemberRecord[]
): { readonly updates: Signed[]; readonly wanted: DeviceId[]; readonly next: DeviceId | null } {
  const theirs = new Map(page.members.map((digest) => [digest.id, digest]));
  const ours = new Map(records.map((record) => [record.id, record]));
  const wanted = page.members
    .filter(({ id, incarnation }) => incarnation > (ours.get(id)?.digest.incarnation ?? -1))
    .map(({ id }) => id);
  const updates: Signed[] = [];
  const inPage = records.filter(
    ({ id }) => (page.after === null || id > page.after) && (page.upTo === null || id <= page.upTo)
  );
  let last = page.after;
  for (const record of inPage) {
    const told = newsFor(theirs.get(record.id), record);
    if (updates.length + told.length > membershipLimits.updates) return { updates, wanted, next: last };
    updates.push(...told);
    last = record.id;
  }
  return { updates, wanted, next: page.upTo };
}

/** What somebody who has this much of a member does not have. Whom nobody hears of, nobody is told of. */
function newsFor(digest: Digest | undefined, record: MemberRecord): Signed[] {
  const { incarnation, suspicions } = record.digest;
  if (!digest) return record.state === 'dead' ? [] : [record.signed];
  if (digest.incarnation < incarnation) return [record.signed, ...record.suspicions.values()];
  if (digest.incarnation === incarnation && digest.suspicions < suspicions) return [...record.suspicions.values()];
  return [];
}
