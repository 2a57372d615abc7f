import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { DeviceId, OrganizationId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { generateSigningKey, signingKey } from '../../identity/keys.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import { type AuditRow, genesis, rowHash } from './chain.ts';
import { createAuditVerifier } from './verifier.ts';

const organization = randomUUID() as OrganizationId;
const signer = { id: randomUUID() as DeviceId, key: signingKey(generateSigningKey()) };
const authority = { organization, coordinator: { id: signer.id, signing: signer.key.publicKey } };
const length = 24;

const rows: AuditRow[] = [];
const checkpoints = new Map<number, Signed>();

beforeAll(async () => {
  let hash = genesis(organization);
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const row = {
      sequence,
      time: isoTime(1_700_000_000_000 + sequence),
      actor: 'admin:admin',
      action: 'user.added',
      subject: `user ${sequence}`,
      detail: { b: sequence, a: 'x' }
    };
    hash = rowHash(hash, row);
    rows.push({ ...row, hash });
    if (sequence % 8 === 0)
      checkpoints.set(
        sequence,
        await signStatement('audit-checkpoint', { organization, sequence, hash, at: row.time }, signer)
      );
  }
});

function verify(log: readonly AuditRow[], anchor?: Signed, signatures = checkpoints) {
  const verifier = createAuditVerifier(authority, anchor ? [anchor] : []);
  log.forEach((row, i) => {
    verifier.row(row);
    const signed = signatures.get(i + 1);
    if (signed) verifier.checkpoint(signed);
  });
  return verifier.report();
}

test('an intact log is intact', () => {
  expect(verify(rows)).toMatchObject({ intact: true, rows: length, signatures: 3, firstBroken: null });
  // An export that went through JSON with its names in another order says the same.
  const exported = rows.map((row) => ({ ...row, detail: { a: row.detail.a, b: row.detail.b } }));
  expect(verify(exported).intact).toBe(true);
});

const index = fc.integer({ min: 0, max: length - 1 });
const damage: fc.Arbitrary<(log: AuditRow[]) => AuditRow[]> = fc.oneof(
  index.map((i) => (log: AuditRow[]) => log.filter((_, at) => at !== i)),
  fc.tuple(index, fc.constantFrom('time', 'actor', 'action', 'subject', 'hash'), fc.string()).map(
    ([i, field, text]) =>
      (log: AuditRow[]) =>
        log.map((row, at) => (at === i ? { ...row, [field]: `${text}!` } : row))
  ),
  index.map((i) => (log: AuditRow[]) => log.map((row, at) => (at === i ? { ...row, detail: { a: 'y' } } : row))),
  fc.tuple(index, index).map(([i, j]) => (log: AuditRow[]) => {
    const moved = log.filter((_, at) => at !== i);
    moved.splice(i === j ? (j + 1) % length : j, 0, ...log.slice(i, i + 1));
    return moved;
  }),
  index.map((i) => (log: AuditRow[]) => [...log.slice(0, i), ...log.slice(i, i + 1), ...log.slice(i)]),
  index.map((i) => (log: AuditRow[]) => log.slice(0, i)),
  // Everything after a changed row hashed anew, by somebody without the coordinator's key.
  index.map((i) => (log: AuditRow[]) => rehashed(log.map((row, at) => (at === i ? { ...row, actor: 'nobody' } : row)))),
  fc.constant((log: AuditRow[]) => rehashed([...log, { ...(log[0] as AuditRow), sequence: length + 1 }]))
);

test('removed, changed, moved, inserted, appended and cut off rows are found', () => {
  fc.assert(
    fc.property(damage, (apply) => {
      const anchor = checkpoints.get(length) as Signed;
      const report = verify(apply([...rows]), anchor);
      expect(report.intact).toBe(false);
      expect(report.reason).not.toBeNull();
    }),
    { numRuns: 400 }
  );
});

test('a log cut off between checkpoints is found without an anchor, and exactly at one with it', () => {
  expect(verify(rows.slice(0, 10)).intact).toBe(false);
  const atCheckpoint = rows.slice(0, 16);
  expect(verify(atCheckpoint).intact).toBe(true);
  expect(verify(atCheckpoint, checkpoints.get(length))).toMatchObject({ intact: false, firstBroken: 17 });
});

test('a checkpoint by another key is no checkpoint', async () => {
  const mallory = { id: signer.id, key: signingKey(generateSigningKey()) };
  const forged = new Map(checkpoints);
  const { sequence, hash, time } = rows[length - 1] as AuditRow;
  forged.set(length, await signStatement('audit-checkpoint', { organization, sequence, hash, at: time }, mallory));
  expect(verify(rows, undefined, forged).intact).toBe(false);
});

function rehashed(log: AuditRow[]): AuditRow[] {
  let hash = genesis(organization);
  return log.map((row) => {
    hash = rowHash(hash, row);
    return { ...row, hash };
  });
}
