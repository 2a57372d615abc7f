import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startProcess } from '../build/server-process.mjs';
import { callControl } from '../src-main/app/control-client.ts';
import { roleFolder } from '../src-main/app/role-folder.ts';
import { systemClock } from '../src-main/base/clock.ts';
import { retry } from '../src-main/base/retry.ts';
import type { CoordinatorStore, CopiedRow, StoreCopy } from '../src-main/coordinator/store.ts';
import { type Authority, generateRsaKeys } from '../src-main/identity/certificate-authority.ts';
import { deviceAgent } from '../src-main/identity/device-agent.ts';
import { issueDeviceCertificate } from '../src-main/identity/device-certificate.ts';
import { keyDescriptor, keyDescriptorDigest } from '../src-main/identity/key-descriptor.ts';
import { fillCoordinatorStore, openCoordinatorStore } from '../src-main/storage/coordinator-store.ts';
import { fillPostgresStore, openPostgresStore } from '../src-main/storage/postgres-store.ts';
import type { DeviceId, OrganizationId } from '../src-preload/contract/index.ts';
import { startPostgres } from '../tests/support/postgres.ts';
import { middle } from './numbers.ts';

/**
 * A coordinator in a process of its own with a thousand machines connected: each has its own certificate, its own mutual TLS
 * connection and its event stream open. What a stream costs in memory, and how long it takes from a revocation, as an administrator
 * orders it, until the last of the others has heard it whole. All machines are in one other process here, which has to decrypt
 * for them all: in the field each has a processor of its own.
 */
export interface StreamsRow {
  readonly database: 'SQLite' | 'PostgreSQL';
  readonly streams: number;
  /** Resident memory of the coordinator's process, MB: nobody connected, everybody, and at the most while all are told. */
  readonly alone: number;
  readonly connected: number;
  readonly telling: number;
  /** What all are told, bytes: the directory. */
  readonly directory: number;
  /** Seconds from the order until the revoked machine is cut off, until all have heard whom to refuse; one of each per revocation. */
  readonly cut: readonly number[];
  readonly word: readonly number[];
  /** Until half have the whole directory, and all. */
  readonly half: readonly number[];
  readonly all: readonly number[];
}

const streams = 1000;
const revocations = 5;
const MB = 1024 * 1024;

export async function measureStreams(): Promise<StreamsRow[]> {
  const server = process.getuid?.() === 0 ? await startPostgres({ durable: true }) : null;
  try {
    const rows = [await inFolder((root) => measure('SQLite', root, embedded(root)))];
    if (server) {
      const { password } = server;
      const [empty, full] = [server.url(await server.create()), server.url(await server.create())];
      const database: Database = {
        arguments: (started) => ['--database', started === 0 ? empty : full],
        environment: { PGPASSWORD: password },
        open: () => openPostgresStore(empty, { password }),
        fill: (copy) => fillPostgresStore(full, copy, { password })
      };
      rows.push(await inFolder((root) => measure('PostgreSQL', root, database)));
    }
    return rows;
  } finally {
    await server?.close();
  }
}

/** Where the coordinator's rows are: first in one place, then, with a crowd among them, in another. */
interface Database {
  readonly arguments: (started: number) => string[];
  readonly environment: Record<string, string>;
  open(): Promise<CoordinatorStore>;
  fill(copy: StoreCopy): Promise<void>;
}
function embedded(root: string): Database {
  const file = join(roleFolder(root, 'coordinator'), 'coordinator.db');
  return {
    arguments: () => [],
    environment: {},
    async open() {
      await rename(file, `${file}.empty`);
      return openCoordinatorStore(`${file}.empty`);
    },
    fill: (copy) => fillCoordinatorStore(file, copy)
  };
}

async function inFolder<T>(run: (root: string) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'letterlock-bench-streams-'));
  try {
    await mkdir(roleFolder(root, 'coordinator'), { mode: 0o700 });
    return await run(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function measure(database: StreamsRow['database'], root: string, rows: Database): Promise<StreamsRow> {
  let started = 0;
  const start = async () => {
    const words = ['out/main/cli.js', '--data', root, 'coordinator', 'run', '--log', 'error'];
    const ready = /"role":"coordinator"/;
    const program = await startProcess(
      process.execPath,
      [...words, ...rows.arguments(started++)],
      ready,
      rows.environment
    );
    return { ...program, url: (JSON.parse(await program.logged(ready)) as { url: string }).url };
  };
  await (await start()).stop();
  const crowd = Array.from({ length: streams }, (_, i) => machine(i));
  const store = await rows.open();
  await store.copy((copy) => rows.fill({ ...copy, rows: withMachines(copy, crowd) }));
  await store.close();
  const coordinator = await start();
  const alone = await residentMemory(coordinator.pid);
  const connections = await connectAll(root, coordinator.url, crowd);
  try {
    await quiet(connections);
    const connected = await residentMemory(coordinator.pid);
    await writeFile(`/proc/${coordinator.pid}/clear_refs`, '5');
    const told: Told[] = [];
    for (let i = 0; i < revocations; i += 1) {
      told.push(await revoke(root, connections));
      await quiet(connections);
    }
    const figures = { alone, connected, telling: await residentMemory(coordinator.pid, 'VmHWM') };
    const seconds = (which: 'cut' | 'word' | 'half' | 'all') => told.map((one) => one[which] / 1000);
    return {
      ...{ database, streams, ...figures, directory: Math.max(...told.map(({ bytes }) => bytes)) },
      ...{ cut: seconds('cut'), word: seconds('word'), half: seconds('half'), all: seconds('all') }
    };
  } finally {
    for (const connection of connections) connection.close();
    await coordinator.stop();
  }
}

interface Machine {
  readonly id: DeviceId;
  readonly signing: Uint8Array;
  readonly sealing: Uint8Array;
}
const machine = (i: number): Machine => {
  const key = (name: string) => new Uint8Array(createHash('sha256').update(`${name} ${i}`).digest());
  return { id: randomUUID() as DeviceId, signing: key('signing'), sealing: key('sealing') };
};

async function* withMachines(copy: StoreCopy, crowd: readonly Machine[]): AsyncGenerator<CopiedRow> {
  yield* copy.rows;
  const now = Date.now();
  for (const [i, { id, signing, sealing }] of crowd.entries()) {
    const keys = { signing: base64url(signing), sealing: base64url(sealing), certificate_expires: now + 1e10 };
    const device = { id, name: `node ${i}`, roles: '["node"]', status: 'approved', created: now, url: null };
    yield { table: 'device', row: { ...device, ...keys } };
  }
}
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

interface Connection {
  readonly id: DeviceId;
  /** Of the latest line that was not a ping: when its end arrived, its length, and its beginning. */
  latest: { readonly at: number; readonly bytes: number; readonly beginning: string };
  onLine: () => void;
  readonly ended: Promise<number>;
  close(): void;
}

/** Certificates from the coordinator's own authority, whose key lies in its folder; one TLS key for all saves making a thousand. */
async function connectAll(root: string, url: string, crowd: readonly Machine[]): Promise<Connection[]> {
  const keys = join(roleFolder(root, 'coordinator'), 'keys');
  const read = async (name: string) => JSON.parse(await readFile(join(keys, name), 'utf8'));
  const authority = (await read('authority.json')) as Authority;
  const ids = (await read('ids.json')) as { organization: OrganizationId; coordinator: DeviceId };
  const own = await generateRsaKeys();
  const identityOf = ({ id, signing, sealing }: Machine) => {
    const certificatePem = issueDeviceCertificate({
      ...{ authority, publicKeyPem: own.publicKey, device: id, organization: ids.organization, name: 'node' },
      descriptorSha256: keyDescriptorDigest(keyDescriptor({ signing, sealing })),
      now: Date.now()
    });
    return { tls: { keyPem: own.privateKey, certificatePem, authorityPem: authority.certificatePem } };
  };
  const machines = crowd.map((one) => ({ id: one.id, identity: identityOf(one) }));
  const connections: Connection[] = [];
  const someAtATime = Array.from({ length: 4 }, async () => {
    for (let one = machines.pop(); one; one = machines.pop()) {
      const { id, identity } = one;
      // As machines do: who is not let in on a busy day comes again.
      const again = { again: () => true, clock: systemClock, signal: AbortSignal.timeout(600_000) };
      const agent = deviceAgent({ identity, expect: ids.coordinator });
      connections.push(await retry(() => connect(id, url, agent), again));
    }
  });
  await Promise.all(someAtATime);
  return connections;
}

async function connect(id: DeviceId, url: string, agent: ReturnType<typeof deviceAgent>): Promise<Connection> {
  const { hostname: host, port } = new URL(url);
  const sent = request({ host, port, path: '/v1/events', agent })
    .on('error', () => {})
    .end();
  const [response] = await once(sent, 'response');
  if (response.statusCode !== 200) throw new Error(`an event stream was refused: ${response.statusCode}`);
  let bytes = 0;
  let beginning = '';
  const connection: Connection = {
    id,
    latest: { at: 0, bytes: 0, beginning: '' },
    onLine: () => {},
    // Not by `once`: a connection that is cut ends with an error, as it should here.
    ended: new Promise((resolve) => response.on('close', () => resolve(performance.now()))),
    close: () => agent.destroy()
  };
  response.on('error', () => {});
  // Looks at the beginning and the end of each line only: a machine would check the signature, each on its own processor.
  response.on('data', (chunk: Buffer) => {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(10, from);
      const until = end < 0 ? chunk.length : end + 1;
      bytes += until - from;
      if (beginning.length < 32) beginning += chunk.toString('latin1', from, Math.min(until, from + 32));
      if (end >= 0) {
        if (!beginning.startsWith('{"type":"ping"')) {
          connection.latest = { at: performance.now(), bytes, beginning };
          connection.onLine();
        }
        bytes = 0;
        beginning = '';
      }
      from = until;
    }
  });
  return connection;
}

/** Nothing but pings has come for three seconds. */
async function quiet(connections: readonly Connection[]): Promise<void> {
  for (;;) {
    const latest = Math.max(...connections.map(({ latest }) => latest.at));
    if (performance.now() - latest > 3000) return;
    await pause(500);
  }
}

interface Told {
  /** Milliseconds. */
  readonly cut: number;
  readonly word: number;
  readonly half: number;
  readonly all: number;
  readonly bytes: number;
}

/** The last machine of the list is revoked, and taken from it. */
async function revoke(root: string, connections: Connection[]): Promise<Told> {
  const lost = connections.pop();
  if (!lost) throw new Error('nobody is left');
  const words: number[] = [];
  const heard = connections.map(
    (connection) =>
      new Promise<Connection['latest']>((resolve) => {
        connection.onLine = () => {
          if (connection.latest.beginning.startsWith('{"type":"dropped"')) words.push(connection.latest.at);
          if (connection.latest.beginning.startsWith('{"type":"directory"')) resolve(connection.latest);
        };
      })
  );
  const from = performance.now();
  await callControl(roleFolder(root, 'coordinator'), 'admin.device.revoke', { id: lost.id });
  const lines = await Promise.all(heard);
  const times = lines.map(({ at }) => at - from);
  const cut = (await lost.ended) - from;
  lost.close();
  const bytes = Math.max(...lines.map((line) => line.bytes));
  if (words.length !== connections.length) throw new Error('somebody was not told whom to refuse');
  return { cut, word: Math.max(...words) - from, half: middle(times), all: Math.max(...times), bytes };
}

/** MB. */
async function residentMemory(pid: number, which: 'VmRSS' | 'VmHWM' = 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** For people. */
export function printStreams(rows: readonly StreamsRow[]): void {
  for (const { database, streams, alone, connected, telling, directory, cut, word, half, all } of rows) {
    const seconds = (values: readonly number[]) =>
      `${middle(values).toFixed(2)} (at the most ${Math.max(...values).toFixed(2)})`;
    const each = ((connected - alone) * 1024) / streams;
    console.log(`${database}, ${streams} event streams: ${each.toFixed(0)} kB of resident memory each`);
    console.log(
      `  ${alone.toFixed(0)} MB alone, ${connected.toFixed(0)} MB connected, ${telling.toFixed(0)} MB at the most while all are told`
    );
    console.log(
      `  seconds after a revocation: ${seconds(cut)} cut off, ${seconds(word)} all refuse it; ${seconds(half)} half have the directory (${(directory / MB).toFixed(2)} MB), ${seconds(all)} all`
    );
  }
}
