import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeJsonAtomic } from '../../base/atomic-file.ts';
import { silentLogger } from '../../base/logger.ts';
import { signingKey } from '../../identity/keys.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import { openAuditCopies, readAuditCopy } from '../../mesh/audit-copies.ts';
import { readAuditCopyInDirectory } from '../../organization/audit-copy.ts';
import type { AuditCopy } from '../../protocol/audit.ts';
import { openCoordinatorStore } from '../../storage/coordinator-store.ts';
import { openSqlite } from '../../storage/sqlite.ts';
import { openKeyFiles } from '../key-files.ts';
import { actor, createRig, type Rig, type TestDevice } from '../testing/rig.ts';
import { type AuditRow, canonicalDetail, genesis, rowHash } from './chain.ts';
import { verifyExport } from './export-verifier.ts';
import { rowOf } from './records.ts';

/**
 * Somebody has the whole coordinator: database, keys, files. He writes the log anew and signs it; every check on that machine
 * passes. The copy on a node shows it.
 */
let rig: Rig;
let node: TestDevice;
let folder: string;

beforeAll(async () => {
  rig = await createRig();
  node = await rig.pair('node', ['node']);
}, 120_000);
afterAll(() => rig.close());
/** A node that knows nothing yet. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-audit-copies-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs with the node's copies open, until the coordinator has given it one that `wanted` accepts. */
async function given(run: () => Promise<void>, wanted: (sequence: number) => boolean = () => true): Promise<AuditCopy> {
  const copies = await openAuditCopies({
    dataDir: folder,
    identity: node.identity,
    organization: node.organization,
    logger: silentLogger
  });
  const came = new Promise<void>((resolve) => {
    node.organization.onAuditCheckpoint(({ sequence }) => wanted(sequence) && resolve());
  });
  await run();
  await came;
  await copies.close();
  const copy = await readAuditCopy(folder);
  if (!copy) throw new Error('nothing was kept');
  return copy;
}

async function addUsers(...names: string[]): Promise<void> {
  for (const name of names) await rig.coordinator.handlers['admin.user.add']({ name }, actor);
  // Checkpoints wait a little for each other.
  rig.clock.advance(10_000);
}
async function newest(): Promise<AuditRow> {
  const query = { after: 0, limit: 1, newest: true };
  const [row] = await rig.coordinator.handlers['admin.audit.list'](query, actor);
  if (!row) throw new Error('the log is empty');
  return row;
}
async function exported(): Promise<string> {
  const page = { format: 'jsonl', after: 0, first: true } as const;
  return (await rig.coordinator.handlers['admin.audit.export'](page, actor)).text;
}
const verify = async (copy?: AuditCopy) => verifyExport(Readable.from([Buffer.from(await exported())]), { copy });

/** Of the directory that it has. */
const payloadOf = ({ organization }: TestDevice): string =>
  Buffer.from(JSON.stringify(organization.directory())).toString('base64url');

/** Changes a row and makes everything after it fit: hashes, checkpoints, and the file beside the database. */
async function rewrite(wrong: number, { signing = true } = {}): Promise<void> {
  const { dataDir } = rig;
  const keys = await openKeyFiles({ dataDir, organizationName: '', create: false, now: Date.now() });
  const signer = { id: keys.ids.coordinator, key: signingKey(keys.signing) };
  const { organization } = keys.ids;
  const file = join(dataDir, 'coordinator.db');
  const store = await openCoordinatorStore(file);
  const rows = (await store.tables.audit.after(0, 100_000)).map(rowOf);
  const checkpoints = new Set((await store.tables.audit.checkpoints()).map(({ sequence }) => sequence));
  await store.close();

  const sqlite = openSqlite(file);
  const set = sqlite.prepare('update audit set actor = ?, detail = ?, hash = ? where sequence = ?');
  const sign = sqlite.prepare('update audit_checkpoint set signed = ? where sequence = ?');
  let hash = genesis(organization);
  let last: unknown;
  for (const row of rows) {
    const by = row.sequence === wrong ? 'admin:somebody-else' : row.actor;
    hash = rowHash(hash, { ...row, actor: by });
    set.run([by, canonicalDetail(row.detail), hash, row.sequence]);
    if (!signing || !checkpoints.has(row.sequence)) continue;
    last = await signStatement(
      'audit-checkpoint',
      { organization, sequence: row.sequence, hash, at: row.time },
      signer
    );
    sign.run([JSON.stringify(last), row.sequence]);
  }
  if (!signing) sqlite.prepare('delete from audit_checkpoint').run([]);
  sqlite.close();
  if (signing) await writeJsonAtomic(join(dataDir, 'audit-head.json'), last);
  else await rm(join(dataDir, 'audit-head.json'));
}

test('a node keeps what it is given, and an honest log agrees with it', async () => {
  const copy = await given(() => addUsers('Ada', 'Grace'));
  expect(copy.checkpoints.length).toBeGreaterThan(0);
  expect(await verify(copy)).toMatchObject({ intact: true, compared: copy.checkpoints.length });
});

test('a machine that is no node finds a checkpoint in its directory', async () => {
  const station = await rig.pair('station', ['station']);
  const found = station.organization.directory()?.auditHead;
  expect(found?.kind).toBe('audit-checkpoint');
  const { id, signing } = station.identity.enrollment.coordinator;
  const kept = { v: 1, verifiedAt: 1, directory: { ...(found as Signed), payload: payloadOf(station) } };
  await writeJsonAtomic(join(folder, 'directory.json'), kept);
  const copy = await readAuditCopyInDirectory(folder);
  expect(copy).toMatchObject({ coordinator: { id, signing }, checkpoints: [found] });
  expect(await verify(copy ?? undefined)).toMatchObject({ intact: true, compared: 1 });
});

test('a log that goes back to an older one is refused by the node', async () => {
  const backup = join(folder, 'backup');
  await rig.restart(() => cp(rig.dataDir, backup, { recursive: true }));
  const before = (await newest()).sequence;
  const ahead = await given(
    () => addUsers('Edsger', 'Barbara'),
    (sequence) => sequence > before
  );
  const back = await given(
    () =>
      rig.restart(async () => {
        await rm(rig.dataDir, { recursive: true });
        await cp(backup, rig.dataDir, { recursive: true });
      }),
    (sequence) => sequence === before
  );
  expect(back.refused).not.toBeNull();
  expect(back.checkpoints).toEqual(ahead.checkpoints);
  expect(await rig.coordinator.handlers['admin.audit.verify']({}, actor)).toMatchObject({ intact: true });
});

test('a history that was written anew and signed with the coordinator’s own key is found by the copy', async () => {
  const head = (await newest()).sequence;
  const copy = await given(
    () => addUsers('Alan', 'Alonzo', 'Haskell', 'Kurt'),
    (sequence) => sequence > head
  );
  expect(await verify(copy)).toMatchObject({ intact: true });
  const wrong = head + 1;
  await rig.restart(() => rewrite(wrong));

  // On the coordinator everything fits.
  const handlers = rig.coordinator.handlers;
  expect(await handlers['admin.audit.verify']({}, actor)).toMatchObject({ intact: true });
  expect(await handlers['admin.audit.list']({ after: wrong - 1, limit: 1 }, actor)).toMatchObject([
    { actor: 'admin:somebody-else' }
  ]);
  expect(await verify()).toMatchObject({ intact: true });
  expect(await verify(copy)).toMatchObject({
    intact: false,
    reason: 'the row is not the one that was signed before'
  });
  // And it goes on being found, however far the new history grows.
  const later = await given(
    () => addUsers('John', 'Oskar'),
    (sequence) => sequence > head + 4
  );
  expect(await verify(later)).toMatchObject({ intact: false });
});

test('who has the database and no key does not get it signed by the coordinator either', async () => {
  const wrong = (await newest()).sequence;
  await rig.restart(() => rewrite(wrong, { signing: false }));
  await addUsers('Stephen');
  const broken = { intact: false, reason: 'rows at the end are not signed' };
  expect(await rig.coordinator.handlers['admin.audit.verify']({}, actor)).toMatchObject(broken);
  expect(await verify()).toMatchObject(broken);
});
