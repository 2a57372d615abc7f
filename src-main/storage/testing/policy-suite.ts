import { expect } from 'vitest';
import type { GrantRecord, Tables } from '../../coordinator/store.ts';

/** Versions of the policy and counted pages: what every database does alike. `grants`: in the database, with their jobs. */
export async function checkPolicyTables(
  tables: Tables,
  [first, second]: readonly [GrantRecord, GrantRecord]
): Promise<void> {
  const settings = {
    ...({ replicas: 2, holdHours: 0.5, deliveryGrade: 'ipps-required', jobNames: 'shown' } as const),
    ...({
      sharedPrinters: false,
      offlineHours: 0,
      quorum: 1,
      badges: 'off',
      custody: 'standard',
      cloudNodes: 'allow'
    } as const)
  };
  const rules = [{ id: 'grey', words: 'Größe “ß”', effects: { color: 'deny', pagesPerMonth: null } as const }];
  const version = (version: number) => ({ version, created: 1, author: 'admin:a', reason: 'r', settings, rules });
  for (const each of [1, 2, 10]) await tables.policies.insert(version(each));
  expect(await tables.policies.newest()).toEqual(version(10));
  expect(await tables.policies.get(3)).toBeUndefined();
  expect((await tables.policies.list(10, 5)).map((one) => one.version)).toEqual([2, 1]);

  const job = await tables.jobs.get(first.job);
  if (!job) throw new Error('no job');
  const user = job.owner;
  const count = { job: job.id, user, printer: first.printer, month: '2026-01' };
  await tables.pageCounts.insert({ ...count, grant: first.id, pages: 7, from: 'printer', color: true, cost: 70 });
  await tables.pageCounts.insert({ ...count, grant: first.id, pages: 900, from: 'document', color: false, cost: 1 });
  await tables.pageCounts.insert({ ...count, grant: second.id, pages: null, from: null, color: false, cost: 0 });
  expect(await tables.pageCounts.pagesOf(user, '2026-01')).toBe(7);
  expect(await tables.pageCounts.pagesOf(user, '2026-02')).toBe(0);
  expect(await tables.pageCounts.ofMonth('2026-01')).toEqual([
    { user, pages: 7, colorPages: 7, cost: 70, uncounted: 1 }
  ]);
  expect(await tables.pageCounts.releasesSince(first.issued)).toEqual([{ user, printer: first.printer, count: 2 }]);
  expect(await tables.pageCounts.releasesSince(first.issued + 1)).toEqual([]);
}
