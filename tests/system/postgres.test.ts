import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CoordinatorStore } from '../../src-main/coordinator/store.ts';
import { actor, createRig, printerCertificate, sealJob, until } from '../../src-main/coordinator/testing/rig.ts';
import { GrantBundle, Session } from '../../src-main/protocol/device-api.ts';
import { transactionKey } from '../../src-main/storage/postgres-lease.ts';
import { fillPostgresStore, openPostgresStore } from '../../src-main/storage/postgres-store.ts';
import { owned } from '../../src-main/storage/testing/store-records.ts';
import { describeStore } from '../../src-main/storage/testing/store-suite.ts';
import { needs } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const pin = '4711';

/** The coordinator's store on a real PostgreSQL server: the same suite as the embedded database, and what only a server can do. */
describe.runIf(needs('setpriv', 'root'))('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.close());
  const open = (database: string) => openPostgresStore(server.url(database), { password: server.password });

  describeStore('PostgreSQL', async () => {
    const database = await server.create();
    const { password } = server;
    return {
      open: () => open(database),
      fill: (copy) => fillPostgresStore(server.url(database), copy, { password }),
      remove: async () => {}
    };
  });

  test('several share it; who would fill it, or bring it up to date, has to wait until they are gone', async () => {
    const database = await server.create();
    const first = await open(database);
    const second = await open(database);
    const fill = first.copy((copy) => fillPostgresStore(server.url(database), copy, { password: server.password }));
    await expect(fill).rejects.toMatchObject({ code: 'conflict' });
    const other = await server.connect(database);
    await other.query('delete from schema_version where number = (select max(number) from schema_version)');
    await expect(open(database)).rejects.toMatchObject({ code: 'conflict' });
    await other.end();
    await Promise.all([first.close(), second.close()]);
  });

  test('notices are heard when they are committed; one leads, and the next one when it is gone', async () => {
    const database = await server.create();
    const [first, second] = await Promise.all([open(database), open(database)]);
    const heard: string[] = [];
    let ring = () => {};
    const hear = (text: string) => {
      heard.push(text);
      ring();
    };
    const member = { up: () => {}, down: () => {}, heard: hear };
    const joined = await second.cluster?.join(member);
    const last = new Promise<void>((resolve) => {
      ring = () => heard.at(-1) === 'last' && resolve();
    });
    await first.transaction(({ notices }) => notices.send('committed'));
    const failed = first.transaction(async ({ notices }) => {
      await notices.send('rolled back');
      throw new Error('on purpose');
    });
    await expect(failed).rejects.toThrow('on purpose');
    await first.tables.notices.send('last');
    await last;
    expect(heard).toEqual(['committed', 'last']);

    const log: string[] = [];
    const leading = (store: CoordinatorStore, name: string) =>
      new Promise<{ close(): Promise<void> } | undefined>((resolve) => {
        const lead = store.cluster?.lead(() => {
          log.push(`${name} begins`);
          queueMicrotask(() => resolve(lead));
          return async () => void log.push(`${name} ends`);
        });
      });
    const one = await leading(first, 'first');
    const next = leading(second, 'second');
    await one?.close();
    await (await next)?.close();
    expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    await joined?.close();
    await Promise.all([first.close(), second.close()]);
  });

  test('a transaction waits for that of another connection', async () => {
    const database = await server.create();
    const store = await open(database);
    const other = await server.connect(database);
    await other.query('begin');
    await other.query(`select pg_advisory_xact_lock(${transactionKey})`);
    let done = false;
    const waiting = store
      .transaction(async ({ users }) => users.list())
      .then(() => {
        done = true;
      });
    const waits = `select 1 from pg_locks where locktype = 'advisory' and not granted and database =
      (select oid from pg_database where datname = current_database())`;
    while ((await other.query(waits)).rowCount === 0);
    expect(done).toBe(false);
    await other.query('commit');
    await waiting;
    await store.close();
    await other.end();
  });

  test('a server that restarts is found again; meanwhile the error says what is wrong', async () => {
    const database = await server.create();
    const store = await open(database);
    const job = await owned(store);
    await server.stop();
    await expect(store.tables.users.list()).rejects.toMatchObject({ code: 'database-unreachable' });
    await expect(store.transaction(async () => {})).rejects.toMatchObject({ code: 'database-unreachable' });
    await server.start();
    expect(await store.transaction(({ jobs }) => jobs.get(job.id))).toEqual(job);
    await store.close();
  });

  test('a connection that is cut in the middle leaves nothing', async () => {
    const database = await server.create();
    const store = await open(database);
    const job = await owned(store);
    const other = await server.connect(database);
    const cut = store.transaction(async ({ jobParts }) => {
      await jobParts.insert(job.id, new Uint8Array(1));
      await disconnectAll(other);
    });
    await expect(cut).rejects.toMatchObject({ code: 'database-unreachable' });
    expect(await store.tables.jobParts.get(job.id)).toBeUndefined();
    await store.close();
    await other.end();
  });

  test('a wrong password is refused, and no error repeats it or a value of the database', async () => {
    const database = await server.create();
    const wrong = openPostgresStore(server.tcpUrl(database), { password: 'hunter2' });
    const refused = await wrong.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'database-unreachable', detail: '28P01' });
    expect(told(refused)).not.toContain('hunter2');

    const store = await openPostgresStore(server.tcpUrl(database), { password: server.password });
    const job = await owned(store);
    const twice = await store.tables.jobs.insert(job).catch((error: unknown) => error);
    expect(told(twice)).toContain('job_pkey');
    expect(told(twice)).not.toContain(job.id);
    await store.close();
  });

  test('a whole coordinator works on it: one of many releases at once gets the job, and the log holds', async () => {
    const database = await server.create();
    const rig = await createRig(() => open(database));
    const { handlers } = rig.coordinator;
    await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
    const added = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
    const printer = (await handlers['admin.printer.add'](added, actor)).id;
    const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
    await handlers['admin.printer.approve'](approval, actor);
    const client = await rig.pair('laptop', ['client'], 'ada');
    const node = await rig.pair('node', ['node']);
    const station = await rig.pair('kiosk', ['station']);
    await until(client.organization, () => client.organization.device(node.id) !== undefined);
    const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
    await client.organization.call('/v1/jobs', job.request, z.object({}));

    const { session } = await station.organization.call('/v1/sessions', { user: 'Ada', pin }, Session);
    const body = { session, job: job.id, printer, node: node.id };
    const claims = Array.from({ length: 8 }, () => station.organization.call('/v1/grants', body, GrantBundle));
    const settled = await Promise.allSettled(claims);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'job-in-progress' });

    await rig.restart();
    const jobs = await rig.coordinator.handlers['admin.job.list']({}, actor);
    expect(jobs).toMatchObject([{ id: job.id, state: 'released' }]);
    expect(await rig.coordinator.handlers['admin.audit.verify']({}, actor)).toMatchObject({ intact: true });
    await rig.close();
  });

  test('a database of a newer program is left alone', async () => {
    const database = await server.create();
    await (await open(database)).close();
    const other = await server.connect(database);
    await other.query('insert into schema_version values (99, 0)');
    await expect(open(database)).rejects.toMatchObject({ code: 'storage-damaged' });
    await other.end();
  });
});

/** Of this database, but for whoever asks. */
const disconnectAll = (client: Awaited<ReturnType<PostgresServer['connect']>>) =>
  client.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);

/** All that a log could show of an error, its causes included. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${error.stack} ${JSON.stringify(error)} ${told(error.cause)}`;
}
