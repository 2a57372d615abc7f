import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { PolicyRule, PolicyView } from '../../../src-preload/contract/index.ts';
import type {
  PageCountTable,
  PageUsage,
  PolicyRecord,
  PolicyTable,
  Releases
} from '../../coordinator/policy/tables.ts';
import type { Schema } from '../schema.ts';

export const policyTable = (db: Kysely<Schema>): PolicyTable => ({
  async newest() {
    const row = await db
      .selectFrom('policy_version')
      .selectAll()
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && record(row);
  },
  async get(version) {
    const row = await db.selectFrom('policy_version').selectAll().where('version', '=', version).executeTakeFirst();
    return row && record(row);
  },
  async list(before, limit) {
    const rows = await db
      .selectFrom('policy_version')
      .selectAll()
      .where('version', '<', before)
      .orderBy('version', 'desc')
      .limit(limit)
      .execute();
    return rows.map(record);
  },
  async insert({ settings, rules, ...rest }) {
    await db
      .insertInto('policy_version')
      .values({ ...rest, settings: JSON.stringify(settings), rules: JSON.stringify(rules) })
      .execute();
  }
});

export const pageCountTable = (db: Kysely<Schema>): PageCountTable => ({
  async insert({ grant, user, from, color, ...rest }) {
    await db
      .insertInto('page_count')
      .values({ ...rest, grant_id: grant, user_id: user, counted_by: from, color: color ? 1 : 0 })
      .onConflict((conflict) => conflict.column('grant_id').doNothing())
      .execute();
  },
  async pagesOf(user, month) {
    const row = await db
      .selectFrom('page_count')
      .select(total('pages').as('pages'))
      .where('month', '=', month)
      .where('user_id', '=', user)
      .executeTakeFirst();
    return Number(row?.pages ?? 0);
  },
  async ofMonth(month) {
    const rows = await db
      .selectFrom('page_count')
      .select([
        'user_id',
        total('pages').as('pages'),
        sql<number>`coalesce(sum(case when color = 1 then pages else 0 end), 0)`.as('color_pages'),
        total('cost').as('cost'),
        sql<number>`sum(case when pages is null then 1 else 0 end)`.as('uncounted')
      ])
      .where('month', '=', month)
      .groupBy('user_id')
      .orderBy('pages', 'desc')
      .orderBy('user_id')
      .execute();
    return rows.map(
      (row) =>
        ({
          user: row.user_id,
          pages: Number(row.pages),
          colorPages: Number(row.color_pages),
          cost: Number(row.cost),
          uncounted: Number(row.uncounted)
        }) as PageUsage
    );
  },
  async releasesSince(since) {
    const rows = await db
      .selectFrom('release_grant')
      .innerJoin('job', 'job.id', 'release_grant.job')
      .select(({ fn }) => ['job.owner', 'release_grant.printer', fn.countAll<number>().as('count')])
      .where('release_grant.issued', '>=', since)
      .groupBy(['job.owner', 'release_grant.printer'])
      .execute();
    return rows.map(({ owner, printer, count }) => ({ user: owner, printer, count: Number(count) }) as Releases);
  }
});

/** PostgreSQL adds whole numbers up to what its driver gives as a text. */
const total = (column: 'pages' | 'cost') => sql<number>`coalesce(sum(${sql.ref(column)}), 0)`;

const record = ({ settings, rules, ...row }: Selectable<Schema['policy_version']>): PolicyRecord => ({
  ...row,
  settings: PolicyView.parse(JSON.parse(settings)),
  rules: z.array(PolicyRule).parse(JSON.parse(rules))
});
