import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type SecureVersion } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LetterlockError } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { createTestClock, type TestClock } from '../base/testing/clock.ts';
import { type LoopbackCertificate, openLoopbackCertificate } from './loopback-certificate.ts';
import { openLoopbackCredentials } from './loopback-credentials.ts';
import { plainSecrets, type SecretStore } from './safe-secret.ts';

const day = 24 * 60 * 60 * 1000;
let dataDir: string;
let clock: TestClock;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-loopback-'));
  clock = createTestClock();
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** An installation that has its certificate already; keys take long to make, so one is made for all. */
let made: { folder: string; now: number; certificate: LoopbackCertificate };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-loopback-'));
  const now = Date.now();
  const certificate = await openLoopbackCertificate({
    dataDir: folder,
    secrets: plainSecrets,
    clock: createTestClock(now),
    logger: silentLogger
  });
  made = { folder, now, certificate };
});
afterAll(() => rm(made.folder, { recursive: true, force: true }));
async function installed(): Promise<LoopbackCertificate> {
  await cp(made.folder, dataDir, { recursive: true });
  clock = createTestClock(made.now);
  return made.certificate;
}

const open = (options: { secrets?: SecretStore; names?: readonly string[] } = {}) =>
  openLoopbackCertificate({ dataDir, secrets: plainSecrets, clock, logger: silentLogger, ...options });
const expiry = ({ cert }: { cert: string }): number => Date.parse(new X509Certificate(cert).validTo);
const file = (name: string) => join(dataDir, 'loopback', name);

describe('the loopback certificate', () => {
  it('is made once, for localhost and its addresses, for ten years, and its key is protected', async () => {
    const inverted: SecretStore = {
      protect: async (plain) => plain.map((byte) => byte ^ 0xff),
      reveal: async (stored) => stored.map((byte) => byte ^ 0xff)
    };
    const first = await open({ secrets: inverted });
    const certificate = new X509Certificate(first.cert);
    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(first.key))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect((expiry(first) - clock.now()) / day).toBeCloseTo(3652, 0);
    expect(await open({ secrets: inverted })).toEqual(first);
    for (const name of await readdir(join(dataDir, 'loopback'))) {
      expect((await stat(file(name))).mode & 0o077).toBe(0);
      expect(await readFile(file(name), 'latin1')).not.toContain('PRIVATE KEY');
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] satisfies SecureVersion[])('serves %s under its names', async (version) => {
    const credentials = await installed();
    const server = createServer({ ...credentials, minVersion: version, maxVersion: version }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const seen = socket.getPeerX509Certificate();
    expect(socket.getProtocol()).toBe(version);
    expect([seen?.checkHost('localhost'), seen?.checkIP('127.0.0.1')]).toEqual(['localhost', '127.0.0.1']);
    expect(seen?.toString()).toBe(credentials.cert);
    socket.destroy();
    server.close();
  });

  it.each([
    ['near its end', async () => clock.advance((3652 - 364) * day)],
    ['long after its end', async () => clock.advance(5000 * day)],
    ['without its certificate', () => rm(file('certificate.pem'))],
    ['with half a certificate', () => truncate(file('certificate.pem'), 500)],
    ['with an empty certificate', () => truncate(file('certificate.pem'), 0)],
    ['without its key', () => rm(file('key.json'))],
    ['with a damaged key file', () => writeFile(file('key.json'), '{"key":')],
    [
      'with another key',
      async () =>
        writeFile(
          file('key.json'),
          (await readFile(file('key.json'), 'utf8')).replace(/"key":"\w{8}/, '"key":"AAAAAAAA')
        )
    ]
  ])('is renewed %s, by one that expires later', async (_when, damage) => {
    const first = await installed();
    await damage();
    clock.advance(1000);
    const renewed = await open();
    expect(renewed.cert).not.toBe(first.cert);
    expect(expiry(renewed)).toBeGreaterThan(expiry(first));
    expect(await open()).toEqual(renewed);
  });

  it.each(['certificate.pem', 'key.json'])(
    'expires later even when the clock went back and %s is lost',
    async (lost) => {
      const first = await installed();
      clock = createTestClock(clock.now() - 900 * day);
      await rm(file(lost));
      const renewed = await open();
      expect(expiry(renewed)).toBeGreaterThan(expiry(first));
    }
  );

  it('is renewed when the keychain is lost or a name is added', async () => {
    const first = await installed();
    const named = await open({ names: ['localhost', '127.0.0.1', '::1', 'printer.example'] });
    expect(expiry(named)).toBeGreaterThan(expiry(first));
    expect(new X509Certificate(named.cert).checkHost('printer.example')).toBe('printer.example');
    const lost: SecretStore = { ...plainSecrets, reveal: () => Promise.reject(new LetterlockError('storage-damaged')) };
    expect(expiry(await open({ secrets: lost }))).toBeGreaterThan(expiry(named));
  });
});

describe('the loopback credentials', () => {
  const credentials = (secrets = plainSecrets) => openLoopbackCredentials({ dataDir, secrets, logger: silentLogger });

  it('stay the same, fit a URI as they are, and differ between installations', async () => {
    const first = await credentials();
    expect(await credentials()).toEqual(first);
    const { user, password } = first;
    expect(new URL(`ipps://${user}:${password}@localhost/`)).toMatchObject({ username: user, password });
    expect(password).toHaveLength(32);
    await rm(file('credentials.json'));
    expect((await credentials()).password).not.toBe(password);
  });

  it('are made anew when they cannot be read', async () => {
    const first = await credentials();
    await writeFile(file('credentials.json'), 'nonsense');
    const second = await credentials();
    expect(second.password).not.toBe(first.password);
    const lost: SecretStore = { ...plainSecrets, reveal: () => Promise.reject(new LetterlockError('storage-damaged')) };
    expect((await credentials(lost)).password).not.toBe(second.password);
  });
});
