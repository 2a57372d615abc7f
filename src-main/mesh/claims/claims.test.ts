import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type DeviceId, GrantId, PrinterId, UserId } from '../../../src-preload/contract/ids.ts';
import { isoTime, systemClock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import type { Grant, GrantBundle } from '../../protocol/device-api.ts';
import { type OfflineGrant, type OfflinePermit, permitDigest } from '../../protocol/offline.ts';
import { escrowJobPart } from '../../sealing/escrow.ts';
import { Manifest, signManifest } from '../../sealing/manifest.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organization.ts';
import type { Claims } from './claiming.ts';
import { startClaims } from './claims.ts';

/** Three voters with real statements and real files; the network between them is a set of pairs that is cut. */
let folder: string;
let organization: TestOrganization;
let client: DeviceIdentity;
let stations: DeviceIdentity[];
let nodes: DeviceIdentity[];
let claims: Map<DeviceId, Claims>;
let cut: Set<string>;
const never = new AbortController().signal;

beforeAll(async () => {
  organization = await createTestOrganization();
  organization.policy.offlineHours = 8;
  const enroll = (role: 'client' | 'node' | 'station') => (name: string) => organization.enroll(name, [role]);
  client = await enroll('client')('client');
  nodes = await Promise.all(['a', 'b', 'c'].map(enroll('node')));
  stations = await Promise.all(['one', 'two'].map(enroll('station')));
}, 60_000);
afterAll(() => organization.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-claims-'));
  organization.coordinatorState.connected = false;
  cut = new Set();
  claims = new Map();
  for (const node of nodes) await restart(node, await mkdtemp(join(folder, 'node-')));
});
afterEach(async () => {
  for (const each of claims.values()) await each.close();
  await rm(folder, { recursive: true, force: true });
});

const folders = new Map<DeviceId, string>();
async function restart(node: DeviceIdentity, dataDir = folders.get(node.id) ?? folder): Promise<void> {
  folders.set(node.id, dataDir);
  const started = await startClaims({
    dataDir,
    identity: node,
    organization: organization.view(node),
    isErased: () => false,
    transport: {
      claim: async (to, message) => {
        const voter = claims.get(to);
        if (!voter || cut.has(`${node.name}${organization.devices.get(to)?.name}`))
          throw new LetterlockError('node-unreachable');
        return voter.receive(node.id, message);
      }
    },
    clock: systemClock,
    logger: silentLogger
  });
  claims.set(node.id, started);
}

async function escrowed(voters = nodes): Promise<{ manifest: Signed; value: Manifest }> {
  const { manifest } = await organization.seal(client, randomBytes(10));
  const first = JSON.parse(Buffer.from(manifest.payload, 'base64url').toString());
  const offlineKey = { epoch: 1, publicKey: organization.coordinator.sealing.publicKey };
  const ids = voters.map(({ id }) => id);
  const escrow = await escrowJobPart(randomBytes(32), { job: first.job, offlineKey, voters: ids });
  const value = Manifest.parse({ ...first, v: 2, escrow });
  return { manifest: await signManifest(value, client.signing), value };
}

async function granted(station: DeviceIdentity, node: DeviceIdentity, { job }: Manifest) {
  const { coordinator } = organization;
  const now = Date.now();
  const said: OfflinePermit = {
    ...{ v: 1, station: station.id, issued: isoTime(now), expires: isoTime(now + 3_600_000) },
    capsule: randomBytes(32).toString('base64url')
  };
  const permit = await signStatement('offline-permit', said, { id: coordinator.id, key: coordinator.signing });
  const value: OfflineGrant = {
    ...{ v: 1, id: GrantId.parse(randomUUID()), job, node: node.id, requestedBy: station.id, fence: 1_000_000_000 },
    ...{ printer: PrinterId.parse(randomUUID()), user: UserId.parse(randomUUID()), permit: permitDigest(permit) },
    ...{ issued: isoTime(now), expires: isoTime(now + 30_000) }
  };
  const grant = await signStatement('offline-grant', value, { id: station.id, key: station.signing });
  return { id: value.id, bundle: { grant, permit } satisfies Pick<GrantBundle, 'grant' | 'permit'> };
}

async function grantedOnline(node: DeviceIdentity, { job }: Manifest, follows?: GrantId[]) {
  const { coordinator } = organization;
  const now = Date.now();
  const value: Grant = {
    ...{ id: GrantId.parse(randomUUID()), job, node: node.id, requestedBy: client.id, fence: 2, follows },
    ...{ printer: PrinterId.parse(randomUUID()), user: UserId.parse(randomUUID()) },
    ...{ issued: isoTime(now), expires: isoTime(now + 30_000) }
  };
  return { bundle: { grant: await signStatement('grant', value, { id: coordinator.id, key: coordinator.signing }) } };
}

const ask = (
  node: DeviceIdentity,
  { bundle }: { bundle: Pick<GrantBundle, 'grant' | 'permit'> },
  { manifest, value }: { manifest: Signed; value: Manifest }
) =>
  claims
    .get(node.id)
    ?.take({ job: value.job, bundle, manifest, voters: value.escrow?.voters ?? [] }, never)
    .then(
      () => 'claimed',
      (error: LetterlockError) => error.code
    );

it('across a partition at most one of two stations gets a job, and the other one not after it heals either', async () => {
  const [a, b, c] = nodes as [DeviceIdentity, DeviceIdentity, DeviceIdentity];
  const [one, two] = stations as [DeviceIdentity, DeviceIdentity];
  const job = await escrowed();
  for (const pair of ['ac', 'ca', 'bc', 'cb']) cut.add(pair);
  expect(await ask(c, await granted(two, c, job.value), job)).toBe('claim-elsewhere');
  expect(await ask(a, await granted(one, a, job.value), job)).toBe('claimed');
  cut.clear();
  expect(await ask(c, await granted(two, c, job.value), job)).toBe('claim-elsewhere');
  // Nor after every voter was switched off and on.
  for (const node of nodes) {
    await claims.get(node.id)?.close();
    await restart(node);
  }
  expect(await ask(b, await granted(two, b, job.value), job)).toBe('claim-elsewhere');
});

it('two that ask at once: one at most', async () => {
  const [a, b] = nodes as [DeviceIdentity, DeviceIdentity];
  const [one, two] = stations as [DeviceIdentity, DeviceIdentity];
  const job = await escrowed();
  const [first, second] = [await granted(one, a, job.value), await granted(two, b, job.value)];
  const answers = await Promise.all([ask(a, first, job), ask(b, second, job)]);
  expect(answers.filter((answer) => answer === 'claimed').length).toBeLessThanOrEqual(1);
});

it('a second copy that a person accepted follows what ended uncertain, and nothing else', async () => {
  const [a, b, c] = nodes as [DeviceIdentity, DeviceIdentity, DeviceIdentity];
  const [one, two] = stations as [DeviceIdentity, DeviceIdentity];
  const job = await escrowed();
  const first = await granted(one, a, job.value);
  expect(await ask(a, first, job)).toBe('claimed');
  expect(await ask(b, await grantedOnline(b, job.value), job)).toBe('claim-elsewhere');
  expect(await ask(b, await grantedOnline(b, job.value, [GrantId.parse(randomUUID())]), job)).toBe('claim-elsewhere');
  expect(await ask(b, await grantedOnline(b, job.value, [first.id]), job)).toBe('claimed');
  expect(await ask(c, await granted(two, c, job.value), job)).toBe('claim-elsewhere');
  expect(await ask(a, first, job)).toBe('claim-elsewhere');
});

it('what came to nothing is free again, by the word of its own node only', async () => {
  const [a, b] = nodes as [DeviceIdentity, DeviceIdentity];
  const [one, two] = stations as [DeviceIdentity, DeviceIdentity];
  const job = await escrowed();
  const first = await granted(one, a, job.value);
  expect(await ask(a, first, job)).toBe('claimed');
  const over = { job: job.value.job, grant: first.id, voters: job.value.escrow?.voters ?? [] };
  await claims.get(b.id)?.giveUp(over);
  expect(await ask(b, await granted(two, b, job.value), job)).toBe('claim-elsewhere');
  await claims.get(a.id)?.giveUp(over);
  expect(await ask(b, await granted(two, b, job.value), job)).toBe('claimed');
});

it('what came to nothing is free again when the coordinator says so, and nothing else is', async () => {
  const [a, b] = nodes as [DeviceIdentity, DeviceIdentity];
  const [one, two] = stations as [DeviceIdentity, DeviceIdentity];
  const [job, other] = [await escrowed(), await escrowed()];
  const [first, second] = [await granted(one, a, job.value), await granted(one, a, other.value)];
  expect([await ask(a, first, job), await ask(a, second, other)]).toEqual(['claimed', 'claimed']);
  organization.coordinatorState.answer = () => ({ over: [first.id] });
  organization.coordinatorState.connected = true;
  organization.change();
  // Closing waits for what was begun.
  for (const node of nodes) {
    await claims.get(node.id)?.close();
    await restart(node);
  }
  organization.coordinatorState.connected = false;
  organization.coordinatorState.answer = () => ({});
  expect(await ask(b, await granted(two, b, job.value), job)).toBe('claimed');
  expect(await ask(b, await granted(two, b, other.value), other)).toBe('claim-elsewhere');
});

it('a voter refuses a grant for another node, of no station, of a revoked one, and while it reaches the coordinator', async () => {
  const [a, b] = nodes as [DeviceIdentity, DeviceIdentity];
  const [one, two] = stations as [DeviceIdentity, DeviceIdentity];
  const job = await escrowed();
  expect(await ask(b, await granted(one, a, job.value), job)).toBe('grant-invalid');
  expect(await ask(a, await granted(client, a, job.value), job)).toBe('grant-invalid');
  const theirs = await granted(two, a, job.value);
  const own = await granted(one, a, job.value);
  expect(await ask(a, { bundle: { ...own.bundle, permit: theirs.bundle.permit } }, job)).toBe('grant-invalid');
  organization.update(two.id, { status: 'revoked' });
  expect(await ask(a, theirs, job)).toBe('grant-invalid');
  organization.coordinatorState.connected = true;
  expect(await ask(a, own, job)).toBe('offline-refused');
});
