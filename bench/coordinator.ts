import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { CoordinatorStore, CopiedRow, StoreCopy } from '../src-main/coordinator/store.ts';
import { actor, createRig, printerCertificate, sealJob, until } from '../src-main/coordinator/testing/rig.ts';
import { GrantBundle, Session } from '../src-main/protocol/device-api.ts';
import { fillCoordinatorStore, openCoordinatorStore } from '../src-main/storage/coordinator-store.ts';
import { fillPostgresStore, openPostgresStore } from '../src-main/storage/postgres-store.ts';
import type { JobId } from '../src-preload/contract/index.ts';
import { startPostgres } from '../tests/support/postgres.ts';

/**
 * A whole coordinator under load, over both databases: 1,000 nodes, 50,000 users, 100,000 held jobs. Grants and heartbeats go
 * through the device API, eight at a time over mutual TLS; each rate is divided by what the same database does in the same run
 * when it commits one small row after the other.
 */
export interface CoordinatorRow {
  readonly database: 'SQLite' | 'PostgreSQL';
  /** Per second. */
  readonly commits: number;
  readonly grants: number;
  readonly heartbeats: number;
  /** Changes that show in the directory: built, signed and taken by a connected node, one after the other. */
  readonly directories: number;
}

const size = { nodes: 1000, users: 50_000, jobs: 100_000, released: 120 };
const pin = '271828';
const none = z.object({});

export async function measureCoordinator(): Promise<CoordinatorRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-bench-coordinator-'));
  const server = process.getuid?.() === 0 ? await startPostgres({ durable: true }) : null;
  try {
    const files = [join(folder, 'empty.db'), join(folder, 'full.db')] as const;
    const rows = [await measure('SQLite', files, openCoordinatorStore, fillCoordinatorStore)];
    if (server) {
      const { password } = server;
      const urls = [server.url(await server.create()), server.url(await server.create())] as const;
      const open = (url: string) => openPostgresStore(url, { password });
      rows.push(await measure('PostgreSQL', urls, open, (url, copy) => fillPostgresStore(url, copy, { password })));
    }
    return rows;
  } finally {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  database: CoordinatorRow['database'],
  [empty, full]: readonly [string, string],
  open: (place: string) => Promise<CoordinatorStore>,
  fill: (place: string, copy: StoreCopy) => Promise<void>
): Promise<CoordinatorRow> {
  let store: CoordinatorStore | undefined;
  let place = empty;
  const rig = await createRig(async () => {
    store = await open(place);
    return store;
  });
  try {
    await rig.restart(async () => {
      const source = await open(empty);
      await source.copy((copy) => fill(full, { ...copy, rows: withCrowd(copy, rig.clock.now()) }));
      await source.close();
      place = full;
    });
    const { handlers } = rig.coordinator;
    await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
    const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
    const printer = (await handlers['admin.printer.add'](address, actor)).id;
    const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
    await handlers['admin.printer.approve'](approval, actor);
    const client = await rig.pair('laptop', ['client'], 'ada');
    const node = await rig.pair('node', ['node']);
    const station = await rig.pair('kiosk', ['station']);
    await until(client.organization, () => client.organization.device(node.id) !== undefined);

    const jobs: JobId[] = [];
    for (let i = 0; i < size.released; i++) {
      const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
      await client.organization.call('/v1/jobs', job.request, none);
      jobs.push(job.id);
    }
    const { session } = await station.organization.call('/v1/sessions', { user: 'Ada', pin }, Session);

    const commits = await rate(300, 1, async (i) =>
      store?.transaction(({ organization }) => organization.setKeyRotationDays(i))
    );
    const grants = await rate(jobs.length, 8, (i) =>
      station.organization.call('/v1/grants', { session, job: jobs[i], printer, node: node.id }, GrantBundle)
    );
    const url = 'https://127.0.0.1:1';
    await node.organization.call('/v1/presence', { url }, none);
    const heartbeats = await rate(1500, 8, () => node.organization.call('/v1/presence', { url }, none));
    const directories = await rate(20, 1, (i) => node.organization.call('/v1/presence', { url: `${url}${i}` }, none));
    return { database, commits, grants, heartbeats, directories };
  } finally {
    await rig.close();
  }
}

async function rate(count: number, atOnce: number, run: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await run(next++);
    })
  );
  return (count * 1000) / (performance.now() - from);
}

/** Rows as they are after a long life; nobody looks into their manifests. */
function* crowd(now: number): Generator<CopiedRow> {
  const users = Array.from({ length: size.users }, () => randomUUID());
  const nodes = Array.from({ length: size.nodes }, () => randomUUID());
  const key = (id: string) => createHash('sha256').update(id).digest('base64url');
  for (const [i, id] of users.entries())
    yield { table: 'user', row: { id, name: `User ${i}`, name_key: `user ${i}`, status: 'active', created: now } };
  for (const [i, id] of nodes.entries()) {
    const keys = { signing: key(`signing ${i}`), sealing: key(`sealing ${i}`), certificate_expires: now + 1e10 };
    const device = { id, name: `node ${i}`, roles: '["node"]', status: 'approved', created: now };
    yield { table: 'device', row: { ...device, ...keys, url: `https://node-${i}.example:7000` } };
  }
  for (let i = 0; i < size.jobs; i++) {
    const of = { id: randomUUID(), owner: users[i % users.length] ?? '', device: nodes[i % nodes.length] ?? '' };
    const times = { created: now - i, updated: now, expires: now + 20 * 3600 * 1000 + i };
    const sealed = { size: 1_000_000, epoch: 1, manifest: 'e30', delivery_grade: 'ipps-required' };
    yield { table: 'job', row: { ...of, ...times, ...sealed, state: 'held', fence: 0 } };
  }
}

async function* withCrowd(copy: StoreCopy, now: number): AsyncGenerator<CopiedRow> {
  yield* copy.rows;
  yield* crowd(now);
}

/** For people. */
export function printCoordinator(rows: readonly CoordinatorRow[]): void {
  console.log('1,000 nodes, 50,000 users, 100,000 held jobs; per durable commit of the same database:');
  console.log('database      grants  heartbeats  directories   (commits/s)');
  for (const { database, commits, grants, heartbeats, directories } of rows) {
    const ratio = (value: number) => (value / commits).toPrecision(2);
    console.log(
      `${database.padEnd(12)}  ${ratio(grants).padStart(6)}  ${ratio(heartbeats).padStart(10)}  ${ratio(directories).padStart(11)}   (${commits.toFixed(0)})`
    );
  }
}
