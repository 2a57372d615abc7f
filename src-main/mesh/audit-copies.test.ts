import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { signStatement } from '../identity/signed-statement.ts';
import type { Organization } from '../organization/organization.ts';
import type { AuditCheckpoint } from '../protocol/audit.ts';
import { openAuditCopies, readAuditCopy } from './audit-copies.ts';
import { createTestOrganization } from './testing/organization.ts';

let office: Awaited<ReturnType<typeof createTestOrganization>>;
let identity: DeviceIdentity;
let dataDir: string;

beforeAll(async () => {
  office = await createTestOrganization();
  identity = await office.enroll('node', ['node']);
  return () => office.close();
}, 60_000);
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-audit-copies-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Gives these checkpoints to a node that starts and stops, and tells what it has on its disk then. */
async function kept(...given: { sequence: number; hash?: string }[]): Promise<number[]> {
  let give: Parameters<Organization['onAuditCheckpoint']>[0] = () => {};
  const organization: Organization = {
    ...office.view(identity),
    onAuditCheckpoint(listener) {
      give = listener;
      return () => {};
    }
  };
  const copies = await openAuditCopies({ dataDir, identity, organization, logger: silentLogger });
  for (const { sequence, hash = 'a' } of given) {
    const checkpoint: AuditCheckpoint = {
      organization: identity.organization.id,
      sequence,
      hash: hash.repeat(64),
      at: isoTime(1_700_000_000_000 + sequence)
    };
    const { id, signing } = office.coordinator;
    give(checkpoint, await signStatement('audit-checkpoint', checkpoint, { id, key: signing }));
  }
  await copies.close();
  return sequences();
}
const sequences = async (): Promise<number[]> => ((await readAuditCopy(dataDir))?.checkpoints ?? []).map(sequenceOf);
const sequenceOf = ({ payload }: { payload: string }): number =>
  JSON.parse(Buffer.from(payload, 'base64url').toString()).sequence;

test('keeps what comes, over restarts, once', async () => {
  expect(await kept({ sequence: 3 }, { sequence: 7 }, { sequence: 7 })).toEqual([3, 7]);
  expect(await kept({ sequence: 7 }, { sequence: 9 })).toEqual([3, 7, 9]);
});

test('refuses to go back, and keeps the evidence', async () => {
  await kept({ sequence: 3 }, { sequence: 7 });
  expect(await kept({ sequence: 6 })).toEqual([3, 7]);
  expect(sequenceOf((await readAuditCopy(dataDir))?.refused ?? { payload: '' })).toBe(6);
});

test('refuses another word about the same row', async () => {
  await kept({ sequence: 7 });
  expect(await kept({ sequence: 7, hash: 'b' })).toEqual([7]);
  expect((await readAuditCopy(dataDir))?.refused).not.toBeNull();
});

test('stays small: the farther back, the farther apart, and the oldest for good', async () => {
  const count = limits.auditCopies * 4;
  const all = await kept(...Array.from({ length: count }, (_, i) => ({ sequence: i + 1 })));
  expect(all.length).toBeLessThanOrEqual(limits.auditCopies);
  expect(all.at(0)).toBe(1);
  expect(
    all.slice(-limits.auditCopies / 2).every((sequence, i, part) => i === 0 || sequence === (part[i - 1] ?? 0) + 1)
  ).toBe(true);
});

test('a damaged file is set aside, not overwritten', async () => {
  await writeFile(join(dataDir, 'audit-copies.json'), '{"checkpoints":');
  expect(await kept({ sequence: 1 })).toEqual([1]);
});
