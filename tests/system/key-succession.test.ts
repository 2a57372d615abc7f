import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTwo, type Two, type Which } from '../../src-main/coordinator/cluster/testing/two.ts';
import { keyFingerprint } from '../../src-main/coordinator/key-folder.ts';
import type { CoordinatorStore } from '../../src-main/coordinator/store.ts';
import { actor, printerCertificate, sealJob, type TestDevice, until } from '../../src-main/coordinator/testing/rig.ts';
import { type Sealed, sealTo } from '../../src-main/identity/hpke.ts';
import { generateSigningKey, sealingKey, signingKey } from '../../src-main/identity/keys.ts';
import { signStatement } from '../../src-main/identity/signed-statement.ts';
import { GrantBundle, Session } from '../../src-main/protocol/device-api.ts';
import { openPostgresStore } from '../../src-main/storage/postgres-store.ts';
import type { PrinterId } from '../../src-preload/contract/index.ts';
import { needs } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const pin = '271828';
interface Piece {
  readonly rotation: string;
  readonly url: string;
  readonly name: string;
  readonly part: number;
  readonly parts: number;
}
const contextOf = ({ rotation, url, name, part, parts }: Piece) => ({
  info: Buffer.from('letterlock/v1/key-succession'),
  aad: Buffer.from(JSON.stringify([rotation, url, name, part, parts]))
});
/** What is signed in a word that one coordinator has said to the others. */
function statementIn<Statement>(text: string): Statement {
  const { signed } = JSON.parse(text.slice(text.indexOf(' '))) as { signed: { payload: string } };
  return JSON.parse(Buffer.from(signed.payload, 'base64url').toString());
}

const both: readonly Which[] = ['first', 'second'];

/** Two coordinators over one real database, whose key files are replaced while both run. */
describe.runIf(needs('setpriv', 'root'))('new keys at two coordinators', () => {
  let server: PostgresServer;
  let database: string;
  let two: Two;
  let printer: PrinterId;
  let laptop: TestDevice;
  let node: TestDevice;
  /** Runs before each transaction of a coordinator: where a test holds one up. */
  let gate: (opened: number) => Promise<void> = async () => {};
  let stores = 0;

  async function openStore(): Promise<CoordinatorStore> {
    const store = await openPostgresStore(server.url(database), { password: server.password });
    const number = stores++;
    return {
      ...store,
      async transaction(run) {
        await gate(number);
        return store.transaction(run);
      }
    };
  }
  beforeAll(async () => {
    server = await startPostgres();
    database = await server.create();
    two = await startTwo(openStore);
    const { handlers } = two.first;
    await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
    const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
    printer = (await handlers['admin.printer.add'](address, actor)).id;
    const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
    await handlers['admin.printer.approve'](approval, actor);
    laptop = await two.pair(two.first, 'laptop', ['client'], 'ada');
    node = await two.pair(two.second, 'node', ['node']);
    await until(laptop.organization, () => laptop.organization.device(node.id) !== undefined);
  }, 120_000);
  afterAll(async () => {
    await two?.close();
    await server?.close();
  });
  beforeEach(() => {
    gate = async () => {};
  });

  const file = (which: Which, name = '') => join(two.folder(which), 'keys', name);
  const contents = (name: string) => Promise.all(both.map((which) => readFile(file(which, name), 'base64url')));
  const leftOver = async () =>
    (await Promise.all(both.map((which) => readdir(file(which))))).flat().filter((name) => name.endsWith('.next'));
  const rotate = (which: Which = 'first') => two[which].handlers['admin.key.rotate-master']({}, actor);
  const restart = async (which: Which, between: () => Promise<void> = async () => {}) => {
    await two.stop(which);
    await between();
    await two.start(which);
  };
  async function query<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await server.connect(database);
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }
  async function listening(): Promise<{ heard: string[]; end(): Promise<void> }> {
    const client = await server.connect(database);
    const heard: string[] = [];
    client.on('notification', ({ payload }) => void heard.push(payload ?? ''));
    await client.query('listen letterlock');
    return { heard, end: () => client.end() };
  }
  /** Both open a release key: by the master key of each. */
  async function bothRelease(): Promise<void> {
    for (const device of [laptop, node]) await until(device.organization, () => device.organization.connected());
    for (const which of both) {
      await two[which].handlers['admin.key.rotate']({}, actor);
      const { epoch } = (await two[which].handlers['admin.key.list']({}, actor)).at(-1) ?? { epoch: 0 };
      await until(laptop.organization, () => laptop.organization.directory()?.releaseKey.epoch === epoch);
      const job = await sealJob({ client: laptop, nodes: [node], now: Date.now() });
      await laptop.organization.call('/v1/jobs', job.request, z.object({}));
      const { session } = await laptop.organization.call('/v1/sessions', { user: 'Ada', pin }, Session);
      const body = { session, job: job.id, printer, node: node.id };
      expect(await laptop.organization.call('/v1/grants', body, GrantBundle)).toHaveProperty('parts');
    }
  }
  const settled = async () => {
    // The other one hears of it as soon as it is committed.
    await expect.poll(async () => new Set(await contents('master.key')).size).toBe(1);
    await expect.poll(leftOver).toEqual([]);
    expect(await query('select * from key_copy')).toEqual([]);
  };

  test('a new master key is on both disks when it counts, whoever made it, and no old one opens anything', async () => {
    const [before] = await contents('master.key');
    for (const which of both) {
      const [last] = await contents('master.key');
      await rotate(which);
      await settled();
      expect((await contents('master.key'))[0]).not.toBe(last);
      await bothRelease();
    }
    const copies = await contents('master.key');
    expect(copies).not.toContain(before);
    const [row] = await query<{ fingerprint: string }>(`select fingerprint from key_file where name = 'master.key'`);
    expect(row?.fingerprint).toBe(keyFingerprint(Buffer.from(copies[0] ?? '', 'base64url')));
  }, 60_000);

  test('what goes through the database opens nothing, also with every key file of before and after', async () => {
    const { heard, end } = await listening();
    await rotate();
    await settled();
    await end();
    const pieces = heard.flatMap((text) => {
      return text.includes('key-piece') ? [statementIn<Piece & { sealed: Sealed }>(text)] : [];
    });
    expect(pieces).toHaveLength(1);
    const stolen = sealingKey(await readFile(file('first', 'sealing.key')));
    for (const { sealed, ...piece } of pieces)
      await expect(stolen.open(sealed, contextOf(piece))).rejects.toMatchObject({ code: 'seal-broken' });
    const master = await readFile(file('first', 'master.key'));
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(heard.join().includes(master.toString(form))).toBe(false);
  });

  test('both at once: one key counts in the end, and both have it', async () => {
    const done = await Promise.allSettled([rotate('first'), rotate('second')]);
    expect(done.some(({ status }) => status === 'fulfilled')).toBe(true);
    await settled();
    await bothRelease();
  }, 60_000);

  test('a coordinator that has it, and restarts before it counts, has it no more: it does not count', async () => {
    const before = await contents('master.key');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    gate = async (store) => {
      if (store === 0) await released;
    };
    const rotation = rotate();
    rotation.catch(() => {});
    await expect.poll(() => query('select name from key_copy')).toEqual([{ name: 'master.key' }]);
    expect(await leftOver()).toHaveLength(2);
    await restart('second');
    expect(await leftOver()).toHaveLength(1);
    release();
    await expect(rotation).rejects.toMatchObject({ code: 'conflict' });
    expect(await contents('master.key')).toEqual(before);
    await settled();
    await rotate();
    await settled();
    await bothRelease();
  }, 60_000);

  test('what a coordinator that died left with another is gone with the next start', async () => {
    const before = await contents('master.key');
    const never = Buffer.alloc(32, 7);
    const fingerprint = keyFingerprint(never);
    // Once with the row that says that it is there, once from before that was written.
    for (const noted of [true, false]) {
      await writeFile(file('second', `master.key.${fingerprint.slice(0, 16)}.next`), never);
      const values = [two.second.deviceUrl, 'master.key', fingerprint];
      if (noted) await query('insert into key_copy values ($1, $2, $3)', values);
      await restart('second');
      await settled();
      expect(await contents('master.key')).toEqual(before);
    }
  }, 60_000);

  test('stopped after it counts and before the file is in its place: the next start finishes it', async () => {
    const old = await readFile(file('second', 'master.key'));
    await rotate();
    await settled();
    const current = await readFile(file('second', 'master.key'));
    await restart('second', async () => {
      const next = `master.key.${keyFingerprint(current).slice(0, 16)}.next`;
      await rename(file('second', 'master.key'), file('second', next));
      await writeFile(file('second', 'master.key'), old);
    });
    await settled();
    await bothRelease();
  }, 60_000);

  test('who has no key files can hand nobody a key', async () => {
    const before = await contents('master.key');
    const stranger = { id: node.id, key: signingKey(generateSigningKey()) };
    const { heard, end } = await listening();
    const rotation = randomUUID();
    const say = (word: object) => query(`select pg_notify('letterlock', $1)`, [`7 ${JSON.stringify(word)}`]);
    await say({ type: 'key-offered', rotation });
    const answers = () =>
      heard
        .filter((text) => text.includes('key-recipient'))
        .map((text) => statementIn<{ url: string; key: string }>(text));
    await expect.poll(answers).toHaveLength(2);
    const { url = '', key = '' } = answers().find((answer) => answer.url === two.second.deviceUrl) ?? {};
    const content = Buffer.alloc(32, 5);
    const sealed = await sealTo(
      Buffer.from(key, 'base64url'),
      content,
      contextOf({ rotation, url, name: 'master.key', part: 0, parts: 1 })
    );
    const piece = { rotation, url, name: 'master.key', part: 0, parts: 1, sealed };
    await say({ type: 'key-piece', signed: await signStatement('key-piece', piece, stranger) });
    await say({ type: 'key-replaced' });
    await say({ type: 'key-withdrawn', name: '../../audit-head.json', fingerprint: '0'.repeat(64) });
    // Words are heard in order: when the second has taken its part of this one, it has been through those.
    gate = async (opened) => {
      if (opened !== 0) return;
      gate = async () => {};
      for (const name of await leftOver()) expect(name).not.toContain(keyFingerprint(content).slice(0, 16));
      expect(await query('select * from key_copy where fingerprint = $1', [keyFingerprint(content)])).toEqual([]);
    };
    await rotate();
    await settled();
    await end();
    expect(await contents('master.key')).not.toEqual(before);
    await bothRelease();
  }, 60_000);

  test('a new authority issues at both, and only the new one', async () => {
    const before = await two.second.handlers['admin.key.authority']({}, actor);
    await two.first.handlers['admin.key.renew-authority']({}, actor);
    await expect.poll(async () => new Set(await contents('authority.json')).size).toBe(1);
    await expect
      .poll(async () => (await two.second.handlers['admin.key.authority']({}, actor)).previous)
      .not.toBeNull();
    const after = await Promise.all(both.map((which) => two[which].handlers['admin.key.authority']({}, actor)));
    expect(after[1]).toEqual(after[0]);
    expect(after[1]?.previous?.ends).toBe(before.ends);
    // Who pairs at the other one is a machine of the new authority: only the old ones are still behind.
    const behind = after[1]?.previous?.devices ?? 0;
    await two.pair(two.second, 'kiosk', ['station']);
    const now = await two.first.handlers['admin.key.authority']({}, actor);
    expect(now.previous?.devices).toBe(behind);
    await restart('second');
    expect((await two.second.handlers['admin.key.authority']({}, actor)).ends).toBe(after[0]?.ends);
  }, 60_000);

  test('one that is off holds it up; taken off the list it is left behind, and does not start with old keys', async () => {
    const before = await contents('master.key');
    const { deviceUrl } = two.second;
    await two.stop('second');
    await expect(rotate()).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining(deviceUrl) });
    expect(await contents('master.key')).toEqual(before);
    expect(await leftOver()).toEqual([]);
    await two.first.handlers['admin.coordinator.remove']({ url: deviceUrl }, actor);
    await rotate();
    await expect(two.start('second')).rejects.toMatchObject({ code: 'keys-outdated', detail: 'keys/master.key' });
    // It may not put itself on the list again either.
    expect(await two.first.handlers['admin.coordinator.list']({}, actor)).toHaveLength(1);
    // As a bundle brings it.
    await writeFile(file('second', 'master.key'), await readFile(file('first', 'master.key')));
    await two.start('second');
    await bothRelease();
  }, 60_000);

  test('one that runs and is not listed is left behind too: it stops', async () => {
    const { deviceUrl } = two.second;
    await two.first.handlers['admin.coordinator.remove']({ url: deviceUrl }, actor);
    await rotate();
    const reachable = () => fetch(deviceUrl).catch((error) => String(error.cause?.code));
    await expect.poll(reachable, { timeout: 20_000 }).toBe('ECONNREFUSED');
  }, 60_000);
});
