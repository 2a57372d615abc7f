import { type Kysely, type Selectable, sql } from 'kysely';
import type { JobState } from '../../coordinator/job-state.ts';
import type { JobPartTable, JobRecord, JobTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

/** Written out, not bound: only then does SQLite see that the small indexes of open jobs answer the question. */
const oneOf = (states: readonly JobState[]) => sql<JobState>`(${sql.join(states.map((state) => sql.lit(state)))})`;
const open = oneOf(['held', 'released', 'printing', 'uncertain']);
/** What time can end: a job at the printer is left alone until its outcome is known. */
const expirable = oneOf(['held', 'released', 'uncertain']);

export const jobTable = (db: Kysely<Schema>): JobTable => ({
  async get(id) {
    const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
    return row && record(row);
  },
  async insert({ deliveryGrade, ...rest }) {
    await db
      .insertInto('job')
      .values({ ...rest, delivery_grade: deliveryGrade })
      .execute();
  },
  async change(seen, change) {
    const result = await db
      .updateTable('job')
      .set(change)
      .where('id', '=', seen.id)
      .where('fence', '=', seen.fence)
      .where('state', '=', seen.state)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  async list(limit, before) {
    const all = db.selectFrom('job').selectAll().orderBy('created', 'desc').orderBy('id', 'desc').limit(limit);
    const older =
      before &&
      all.where((eb) =>
        eb.or([
          eb('created', '<', before.created),
          eb.and([eb('created', '=', before.created), eb('id', '<', before.id)])
        ])
      );
    const rows = await (older ?? all).execute();
    return rows.map(record);
  },
  async endedByDay(since) {
    const day = sql<number>`updated / 86400000`; // whole numbers: whole days
    const rows = await db
      .selectFrom('job')
      .select((eb) => [day.as('day'), 'state', eb.fn.countAll<number>().as('count')])
      .where('updated', '>=', since)
      .where('state', 'not in', open)
      .groupBy([day, 'state'])
      .execute();
    return rows.map(({ day, state, count }) => ({ day: Number(day), state, count: Number(count) }));
  },
  async openOfOwner(owner, limit) {
    const rows = await db
      .selectFrom('job')
      .selectAll()
      .where('owner', '=', owner)
      .where('state', 'in', open)
      .orderBy('created', 'desc')
      .limit(limit)
      .execute();
    return rows.map(record);
  },
  async recentOfDevice(device, since, limit) {
    const rows = await db
      .selectFrom('job')
      .selectAll()
      .where('device', '=', device)
      .where((eb) => eb.or([eb('state', 'in', open), eb('updated', '>', since)]))
      .orderBy('updated', 'desc')
      .limit(limit)
      .execute();
    return rows.map(record);
  },
  async countOpenOfDevice(device) {
    const row = await db
      .selectFrom('job')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('device', '=', device)
      .where('state', 'in', open)
      .executeTakeFirstOrThrow();
    return row.count;
  },
  async openByEpoch() {
    const rows = await db
      .selectFrom('job')
      .select(['epoch', (eb) => eb.fn.countAll<number>().as('count')])
      .where('state', 'in', open)
      .groupBy('epoch')
      .execute();
    return new Map(rows.map(({ epoch, count }) => [epoch, Number(count)]));
  },
  async openAfter(job, limit) {
    const all = db.selectFrom('job').selectAll().where('state', 'in', open).orderBy('id').limit(limit);
    const rows = await (job === undefined ? all : all.where('id', '>', job)).execute();
    return rows.map(record);
  },
  async overdue(now) {
    const rows = await db
      .selectFrom('job')
      .selectAll()
      .where('expires', '<=', now)
      .where('state', 'in', expirable)
      .orderBy('expires')
      .limit(100)
      .execute();
    return rows.map(record);
  },
  async nextExpiry() {
    const row = await db
      .selectFrom('job')
      .select('expires')
      .where('state', 'in', expirable)
      .orderBy('expires')
      .limit(1)
      .executeTakeFirst();
    return row?.expires;
  }
});

export const jobPartTable = (db: Kysely<Schema>): JobPartTable => ({
  async insert(job, wrapped) {
    await db.insertInto('job_part').values({ job, wrapped }).execute();
  },
  async get(job) {
    const row = await db.selectFrom('job_part').select('wrapped').where('job', '=', job).executeTakeFirst();
    return row?.wrapped;
  },
  async delete(job) {
    await db.deleteFrom('job_part').where('job', '=', job).execute();
  }
});

const record = ({ delivery_grade, ...row }: Selectable<Schema['job']>) =>
  ({ ...row, deliveryGrade: delivery_grade }) as JobRecord;
