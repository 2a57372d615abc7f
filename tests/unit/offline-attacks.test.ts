import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isoTime } from '../../src-main/base/clock.ts';
import { actor, createRig, type Rig, type TestDevice, until } from '../../src-main/coordinator/testing/rig.ts';
import { decoded } from '../../src-main/identity/base64url.ts';
import { type SealingKey, sealingKey } from '../../src-main/identity/keys.ts';
import { signStatement } from '../../src-main/identity/signed-statement.ts';
import {
  Capsule,
  CapsuleContent,
  capsuleContext,
  type OfflineGrant,
  permitDigest
} from '../../src-main/protocol/offline.ts';
import { openOfflineGrant } from '../../src-main/protocol/offline-grant.ts';
import { openMessage } from '../../src-main/sealing/aead.ts';
import { openEscrow } from '../../src-main/sealing/escrow.ts';
import { openManifest } from '../../src-main/sealing/manifest.ts';
import { organizationPart } from '../../src-main/sealing/release-parts.ts';
import { beginSealedJob, openSealedJob } from '../../src-main/sealing/sealed-job.ts';
import { openWrappedKey, unwrapContentKey } from '../../src-main/sealing/sealed-key.ts';
import { GrantId, JobId, PrinterId, UserId } from '../../src-preload/contract/index.ts';

/** Machines in the wrong hands, with every key that they have, against a real coordinator and a really sealed job. */
const hour = 3_600_000;
let rig: Rig;
let station: TestDevice;
let node: TestDevice;
let client: TestDevice;
const call = (device: TestDevice) => device.organization.call('/v1/offline/capsule', {}, Capsule);

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin: '604173' }, actor);
  await handlers['admin.policy.set']({ offlineHours: 8 }, actor);
  [station, node, client] = [
    await rig.pair('station', ['station']),
    await rig.pair('node', ['node']),
    await rig.pair('laptop', ['client'], 'Ada')
  ];
  await until(client.organization, () => client.organization.directory()?.offlineKey !== undefined);
}, 60_000);
afterAll(() => rig.close());

/** All that a thief reads off a station. */
async function contentOf({ key, content }: Capsule, thief: TestDevice): Promise<CapsuleContent> {
  const context = capsuleContext(thief.id);
  const contentKey = await thief.identity.sealing.open(key, context);
  return CapsuleContent.parse(
    JSON.parse(Buffer.from(openMessage(contentKey, decoded(content), context.aad)).toString())
  );
}
const handles = (keys: CapsuleContent['releaseKeys']): SealingKey[] =>
  keys.map(({ privateKey }) => sealingKey(decoded(privateKey)));

async function sealed() {
  const directory = client.organization.directory();
  if (!directory?.offlineKey) throw new Error('no offline key');
  const { releaseKey, offlineKey, organization, site } = directory;
  const job = JobId.parse(randomUUID());
  const sealing = beginSealedJob({
    ...{ job, organization: organization.id, site, owner: UserId.parse(randomUUID()) },
    device: { id: client.id, signingKey: client.identity.signing },
    releaseKey: { epoch: releaseKey.epoch, publicKey: decoded(releaseKey.publicKey) },
    offlineKey: { epoch: offlineKey.epoch, publicKey: decoded(offlineKey.publicKey) },
    ...{ created: Date.now(), expires: Date.now() + hour, custody: 'standard', deliveryGrade: 'ipps-required' }
  });
  sealing.blob.final(new Uint8Array(sealing.blob.sealedBound(0)));
  const documents = [{ format: 'application/pdf', size: 0, facts: {} }];
  const { manifest: signed } = await sealing.finish({ v: 2, title: 'Offer', attributes: '', documents }, [node.id]);
  const manifest = openManifest(signed, client.identity.signing.publicKey);
  if (!manifest.escrow) throw new Error('no escrow');
  const sealedKey = await sealing.wrapFor({ id: node.id, sealingPublicKey: node.identity.sealing.publicKey });
  return { job, manifest, escrow: manifest.escrow, sealedKey };
}

it('a stolen station has two parts and cannot open a job, whatever of it the nodes gave it', async () => {
  const { job, manifest, escrow, sealedKey } = await sealed();
  const content = await contentOf(await call(station), station);
  const [offline] = handles(content.offlineKeys);
  const [release] = handles(content.releaseKeys);
  if (!offline || !release) throw new Error('keys');
  const parts = {
    jobPart: await openEscrow(escrow, job, offline),
    organizationPart: await organizationPart(release, manifest)
  };
  for (const key of [station.identity.sealing, offline, release])
    for (const id of [station.id, node.id]) {
      const thief = { id, key };
      await expect(openSealedJob({ manifest, sealedKey, node: thief, parts })).rejects.toMatchObject({
        code: 'seal-broken'
      });
    }
  // It is the holder's own part alone that is missing: together with a stolen holder the job opens.
  const holder = { id: node.id, key: node.identity.sealing };
  await expect(openSealedJob({ manifest, sealedKey, node: holder, parts })).resolves.toBeDefined();
});

it('a stolen node has one part, and opens neither the escrow nor a capsule', async () => {
  const { job, escrow, sealedKey } = await sealed();
  const own = { id: node.id, key: node.identity.sealing };
  const wrapped = await openWrappedKey(sealedKey, job, own);
  await expect(openEscrow(escrow, job, own.key)).rejects.toMatchObject({ code: 'seal-broken' });
  const nothing = { jobPart: new Uint8Array(32), organizationPart: new Uint8Array(32) };
  expect(() => unwrapContentKey(wrapped, nothing, job)).toThrow(expect.objectContaining({ code: 'seal-broken' }));
  await expect(contentOf(await call(station), node)).rejects.toMatchObject({ code: 'seal-broken' });
});

it('only a machine that is nothing but a station gets a capsule', async () => {
  await expect(call(node)).rejects.toMatchObject({ code: 'not-allowed' });
  await expect(call(client)).rejects.toMatchObject({ code: 'not-allowed' });
  await expect(call(await rig.pair('both', ['station', 'node']))).rejects.toMatchObject({ code: 'not-allowed' });
});

/** A grant that the station's own key signs, with whatever times its holder likes. */
async function forge(capsule: Capsule, issued: number) {
  const grant: OfflineGrant = {
    v: 1,
    ...{ id: GrantId.parse(randomUUID()), job: JobId.parse(randomUUID()), node: node.id, fence: 1_000_000_001 },
    ...{ printer: PrinterId.parse(randomUUID()), user: UserId.parse(randomUUID()), requestedBy: station.id },
    ...{ issued: isoTime(issued), expires: isoTime(issued + 30_000), permit: permitDigest(capsule.permit) }
  };
  return signStatement('offline-grant', grant, { id: station.id, key: station.identity.signing });
}
/** The node, cut off, at this time by its own clock. */
const judge = (now: number, connected = false) => ({
  coordinator: node.identity.enrollment.coordinator,
  organization: { ...node.organization, connected: () => connected },
  now
});

it('a permit that is over grants nothing, however the station’s clock is set', async () => {
  const capsule = await call(station);
  const now = Date.now();
  const later = now + 8 * hour + 60_000;
  expect(openOfflineGrant(await forge(capsule, now), capsule.permit, judge(now + 1000)).node).toBe(node.id);
  // Its clock is right; is set back; is ahead.
  for (const issued of [later, now, later + hour]) {
    const grant = await forge(capsule, issued);
    expect(() => openOfflineGrant(grant, capsule.permit, judge(later))).toThrow(
      expect.objectContaining({ code: 'offline-refused' })
    );
  }
});

it('a node that reaches the coordinator, or has another permit, refuses', async () => {
  const capsule = await call(station);
  const now = Date.now();
  const grant = await forge(capsule, now);
  const refusal = (code: string) => expect.objectContaining({ code });
  expect(() => openOfflineGrant(grant, capsule.permit, judge(now, true))).toThrow(refusal('offline-refused'));
  expect(() => openOfflineGrant(grant, undefined, judge(now))).toThrow(refusal('grant-invalid'));
  const other = await call(station);
  expect(() => openOfflineGrant(grant, other.permit, judge(now))).toThrow(refusal('grant-invalid'));
});

it('a revoked station is believed nowhere, gets nothing, and cannot open what is sealed from then on', async () => {
  const stolen = await rig.pair('stolen', ['station']);
  const capsule = await call(stolen);
  const before = client.organization.directory()?.offlineKey?.epoch ?? 0;
  await rig.coordinator.handlers['admin.device.revoke']({ id: stolen.id }, actor);
  await until(client.organization, () => (client.organization.directory()?.offlineKey?.epoch ?? 0) > before);
  await until(node.organization, () => node.organization.device(stolen.id) === undefined);
  await expect(call(stolen)).rejects.toMatchObject({ code: 'device-not-approved' });

  const { job, escrow } = await sealed();
  const content = await contentOf(capsule, stolen);
  for (const key of handles(content.offlineKeys))
    await expect(openEscrow(escrow, job, key)).rejects.toMatchObject({ code: 'seal-broken' });
  // Those that are still there go on opening older jobs too.
  const epochs = (await contentOf(await call(station), station)).offlineKeys.map(({ epoch }) => epoch);
  expect(epochs).toEqual(expect.arrayContaining([before, escrow.epoch]));
});
