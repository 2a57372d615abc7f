import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../base/logger.ts';
import { createTestClock, type TestClock } from '../base/testing/clock.ts';
import { createAuthority, succeedAuthority } from '../identity/certificate-authority.ts';
import { readCertificateRequest } from '../identity/certificate-request.ts';
import { deviceAgent } from '../identity/device-agent.ts';
import { issueDeviceCertificate, readDeviceCertificate } from '../identity/device-certificate.ts';
import { request } from '../identity/device-http.ts';
import { type DeviceIdentity, openDeviceIdentity, saveEnrollment } from '../identity/device-identity.ts';
import { createDeviceServer } from '../identity/device-server.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { createTestOrganization } from '../identity/testing/organization.ts';
import { deviceTlsServer } from '../identity/tls.ts';
import type { Directory } from '../protocol/directory.ts';
import { keepCertificate } from './certificate-renewal.ts';
import type { Organization } from './port.ts';

const day = 24 * 3600 * 1000;
const ours = await createTestOrganization();
const [coordinator, laptop] = await Promise.all([ours.machine('Coordinator'), ours.machine('Laptop')]);
const root = await mkdtemp(join(tmpdir(), 'letterlock-renewal-'));
afterAll(() => rm(root, { recursive: true }));

let clock: TestClock;
let dataDir: string;
let identity: DeviceIdentity;
let changed: () => void;
let answer: (csr: string) => string;
let renewed: Promise<void>;
const state: { connected: boolean; asked: number; authorities: string | undefined } = {
  connected: true,
  asked: 0,
  authorities: undefined
};

beforeEach(async () => {
  clock = createTestClock();
  dataDir = await mkdtemp(join(root, 'device-'));
  const enrollment = ours.enrollment(laptop, coordinator, 'https://127.0.0.1:1');
  identity = await saveEnrollment({ dataDir, secrets: plainSecrets, keys: laptop.keys, enrollment });
  Object.assign(state, { connected: true, asked: 0, authorities: undefined });
  answer = issue;
  renewed = new Promise((resolve) => void identity.onRenewed(resolve));
});

const issue = (
  csr: string,
  device = laptop,
  life = { now: clock.now(), days: 30 },
  authority = ours.authority
): string =>
  issueDeviceCertificate({
    authority,
    publicKeyPem: readCertificateRequest(csr).publicKeyPem,
    device: device.id,
    organization: ours.organization.id,
    descriptorSha256: device.descriptorSha256,
    name: 'Laptop',
    ...life
  });

const organization: Pick<Organization, 'call' | 'connected' | 'directory' | 'onChange'> = {
  directory: () => ({ authorities: state.authorities }) as Directory,
  connected: () => state.connected,
  onChange(listener) {
    changed = listener;
    return () => {};
  },
  async call(path, body, schema) {
    state.asked += 1;
    expect(path).toBe('/v1/certificate');
    return schema.parse({ certificate: answer(z.object({ csr: z.string() }).parse(body).csr) });
  }
};
const keep = () =>
  keepCertificate({
    identity,
    organization,
    dataDir,
    secrets: plainSecrets,
    clock,
    logger: silentLogger,
    random: () => 0
  });

test('nothing happens for two thirds of its life, then there is a new key and a new certificate, also on disk', async () => {
  const before = identity.tls;
  const stop = keep();
  clock.advance(19 * day);
  expect(state.asked).toBe(0);
  clock.advance(2 * day);
  await renewed;
  expect(identity.tls.keyPem).not.toBe(before.keyPem);
  expect(readDeviceCertificate(identity.tls.certificatePem).validTo).toBeGreaterThan(clock.now() + 29 * day);
  const reopened = await openDeviceIdentity(dataDir, plainSecrets);
  expect(reopened?.tls).toEqual(identity.tls);
  expect(reopened?.signing.publicKey).toEqual(identity.signing.publicKey);
  stop();
  expect(clock.waiting()).toBe(0);
});

test('a machine that is cut off renews as soon as it is connected again', async () => {
  state.connected = false;
  const stop = keep();
  clock.advance(25 * day);
  expect(state.asked).toBe(0);
  state.connected = true;
  changed();
  await renewed;
  stop();
});

test.each([
  ['another device', (csr: string) => issue(csr, coordinator)],
  ['another key', () => laptop.issue(clock.now() + day)],
  ['nonsense', () => 'certificate']
])('what comes back for %s is refused, and asked for again an hour later', async (_, wrong) => {
  const before = identity.tls;
  let refused = () => {};
  const once = new Promise<void>((resolve) => {
    refused = resolve;
  });
  answer = wrong;
  const stop = keepCertificate({
    ...{ identity, organization, dataDir, secrets: plainSecrets, clock, random: () => 0 },
    logger: { ...silentLogger, warn: refused } as typeof silentLogger
  });
  clock.advance(21 * day);
  await once;
  expect(identity.tls).toBe(before);
  expect((await openDeviceIdentity(dataDir, plainSecrets))?.tls).toEqual(before);
  answer = issue;
  changed();
  expect(state.asked).toBe(1);
  await Promise.resolve(); // the retry is armed once the refusal has been dealt with
  clock.advance(3_600_000);
  await renewed;
  stop();
});

test('a new authority is trusted on the word of the directory, and a certificate of it fetched at once', async () => {
  const { authority, linkPem } = await succeedAuthority(ours.authority, clock.now());
  answer = (csr) => issue(csr, laptop, { now: clock.now(), days: 30 }, authority) + linkPem;
  const stop = keep();
  expect(state.asked).toBe(0);
  state.authorities = authority.certificatePem + ours.authority.certificatePem;
  changed();
  await renewed; // the authorities
  expect(identity.tls.authorityPem).toBe(state.authorities);
  await new Promise<void>((resolve) => void identity.onRenewed(resolve));
  expect(identity.tls.certificatePem).toContain(linkPem);
  // and later the old one goes
  state.authorities = authority.certificatePem;
  const dropped = new Promise<void>((resolve) => void identity.onRenewed(resolve));
  changed();
  await dropped;
  expect((await openDeviceIdentity(dataDir, plainSecrets))?.tls).toEqual(identity.tls);
  expect(identity.tls.authorityPem).toBe(authority.certificatePem);
  expect(state.asked).toBe(1);
  stop();
});

test('authorities under which its own certificate would not count are refused', async () => {
  const before = identity.tls;
  const refused = new Promise<void>((resolve) => {
    const stop = keepCertificate({
      ...{ identity, organization, dataDir, secrets: plainSecrets, clock, random: () => 0 },
      logger: { ...silentLogger, warn: () => resolve(stop()) } as typeof silentLogger
    });
  });
  state.authorities = (await createAuthority({ organization: ours.organization, now: clock.now() })).certificatePem;
  changed();
  await refused;
  expect(identity.tls).toBe(before);
  expect((await openDeviceIdentity(dataDir, plainSecrets))?.tls).toEqual(before);
});

test('a listener and an agent that live on show the new certificate at their next connection', async () => {
  const server = createDeviceServer({
    tls: () => deviceTlsServer({ identity }),
    onRenewed: identity.onRenewed,
    logger: silentLogger
  });
  const seen: number[] = [];
  server.app.post('/who', async (incoming) => {
    seen.push(incoming.peer.validTo);
    return {};
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const agent = deviceAgent({ identity, expect: laptop.id });
  const call = () =>
    request({
      agent,
      url: `https://127.0.0.1:${port}`,
      path: '/who',
      body: {},
      schema: z.object({}),
      unreachable: 'node-unreachable'
    });
  // the sockets' clock is the real one, in which the new certificate must be valid already
  answer = (csr) => issue(csr, laptop, { now: Date.now(), days: 60 });
  expect(await call()).toEqual({});
  const stop = keep();
  clock.advance(21 * day);
  await renewed;
  for (const socket of Object.values(agent.freeSockets).flat()) {
    socket?.destroy();
    if (socket) await once(socket, 'close');
  }
  expect(await call()).toEqual({});
  expect(seen[1]).toBeGreaterThan(seen[0] ?? Number.POSITIVE_INFINITY);
  stop();
  agent.destroy();
  await server.close();
});
