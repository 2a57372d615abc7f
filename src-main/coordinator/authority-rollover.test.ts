import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { certificatesIn, isIssuedBy } from '../identity/device-certificate.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { keepCertificate } from '../organization/certificate-renewal.ts';
import { actor, createRig, type Rig, type TestDevice, until } from './testing/rig.ts';

const day = 24 * 3600 * 1000;
/** Making an RSA key takes as long as it takes. */
const slowly = { timeout: 30_000 };

let rig: Rig;
let laptop: TestDevice;
let node: TestDevice;
let sleeper: TestDevice;
beforeAll(async () => {
  rig = await createRig();
  await rig.coordinator.handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor);
  laptop = await rig.pair('laptop', ['client'], 'ada');
  node = await rig.pair('node', ['node']);
  sleeper = await rig.pair('old laptop', ['client'], 'ada');
}, 180_000);
afterAll(() => rig.close());

const state = () => rig.coordinator.handlers['admin.key.authority']({}, actor);
const renew = () => rig.coordinator.handlers['admin.key.renew-authority']({}, actor);
const audited = async () =>
  (await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor))
    .map(({ action }) => action)
    .filter((action) => /^authority|^coordinator.cert/.test(action));

/** As a machine does for as long as it runs; ends it. */
const keep = ({ identity, organization, dataDir }: TestDevice) =>
  keepCertificate({
    ...{ identity, organization, dataDir, secrets: plainSecrets, clock: systemClock, logger: silentLogger },
    random: () => 0
  });
/** Resolves when it trusts this many authorities and has a certificate of the first of them. */
const settled = ({ identity }: TestDevice, authorities: number) =>
  new Promise<void>((resolve) => {
    const look = () => {
      const known = certificatesIn(identity.tls.authorityPem);
      const done = known.length === authorities && isIssuedBy(identity.tls.certificatePem, known[0] ?? '', Date.now());
      if (done) resolve();
      return done;
    };
    if (!look()) identity.onRenewed(look);
  });
const gaps = ({ organization }: TestDevice) => {
  let count = 0;
  organization.onChange(() => {
    if (!organization.connected()) count += 1;
  });
  return () => count;
};

/** What a stranger is shown by each listener. */
async function shown(): Promise<string[]> {
  const { deviceUrl, pairingUrl, webUrl } = rig.coordinator;
  return Promise.all(
    [deviceUrl, pairingUrl, webUrl].map(async (url) => {
      const { hostname: host, port } = new URL(url);
      const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const certificate = socket.getPeerX509Certificate();
      socket.on('error', () => {}).destroy();
      return certificate?.fingerprint256 ?? '';
    })
  );
}

test('a new authority reaches everybody who is there, on connections that stay; who slept comes back and follows', async () => {
  const [before] = await shown();
  const old = laptop.identity.tls.authorityPem;
  sleeper.organization.close();
  const cut = gaps(laptop);
  const stops = [keep(laptop), keep(node)];
  expect((await state()).previous).toBeNull();

  await renew();
  await Promise.all([settled(laptop, 2), settled(node, 2)]);
  expect(new Set(await shown()).size).toBe(1);
  expect(await shown()).not.toContain(before);
  expect(cut()).toBe(0);
  // What was issued may not have arrived: a machine has moved when it is seen with it.
  expect((await state()).previous).toMatchObject({ devices: 3 });
  node.organization.close();
  await node.reconnect();
  await expect.poll(async () => (await state()).previous?.devices, slowly).toBe(2);
  await expect(renew()).rejects.toMatchObject({ code: 'conflict' });
  expect(await rig.pair('kiosk', ['station'])).toBeDefined();

  // It knows the old authority alone; what it is shown comes with the link.
  expect(sleeper.identity.tls.authorityPem).toBe(old);
  await sleeper.reconnect();
  await sleeper.organization.call('/v1/presence', { url: null }, z.unknown());
  stops.push(keep(sleeper));
  await settled(sleeper, 2);
  for (const device of [laptop, sleeper]) {
    device.organization.close();
    await device.reconnect();
  }
  await expect.poll(async () => (await state()).previous?.devices, slowly).toBe(0);
  stops.push(...[laptop, node, sleeper].map(keep));
  const cutLater = gaps(laptop);

  rig.clock.advance(day);
  await Promise.all([laptop, node, sleeper].map((device) => settled(device, 1)));
  expect((await state()).previous).toBeNull();
  expect(laptop.identity.tls.authorityPem).not.toContain(old);
  expect(cutLater()).toBe(0);
  expect(await audited()).toEqual(['authority.renewed', 'coordinator.certificate-renewed', 'authority.dropped']);
  for (const stop of stops) stop();
}, 120_000);

test('it outlives a restart, and whoever was there goes on', async () => {
  const ends = (await state()).ends;
  const [certificate] = await shown();
  await rig.restart();
  expect((await state()).ends).toBe(ends);
  expect(await shown()).toEqual([certificate, certificate, certificate]);
  await until(laptop.organization, () => laptop.organization.online().has(laptop.id));
}, 120_000);

test('the certificate of the listeners is renewed before its end while they run, and no stream is cut', async () => {
  const [before] = await shown();
  const cut = gaps(laptop);
  rig.clock.advance(760 * day);
  expect(await shown()).toEqual([before, before, before]);
  rig.clock.advance(9 * day);
  const aDayLater = () => {
    rig.clock.advance(day);
    return shown();
  };
  await expect.poll(async () => new Set(await aDayLater()).has(before ?? ''), slowly).toBe(false);
  expect(cut()).toBe(0);
  expect((await audited()).at(-1)).toBe('coordinator.certificate-renewed');
}, 120_000);

test('a year before its end the authority is renewed by itself, also when nothing ran when it was due', async () => {
  const { ends } = await state();
  await rig.restart(async () => rig.clock.advance(Date.parse(ends) - rig.clock.now() - 364 * day));
  await expect.poll(async () => (await state()).ends, slowly).not.toBe(ends);
  // All certificates of the machines are over by now: nobody needs the one before.
  const aDayLater = () => {
    rig.clock.advance(day);
    return state();
  };
  await expect.poll(async () => (await aDayLater()).previous, slowly).toBeNull();
  await expect.poll(async () => (await audited()).slice(-3), slowly).toContain('authority.dropped');
}, 120_000);
