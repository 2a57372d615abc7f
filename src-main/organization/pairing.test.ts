import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { fromBase64url, toBase64url } from '../base/bytes.ts';
import { type Clock, isoTime, systemClock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { readCertificateRequest } from '../identity/certificate-request.ts';
import { issueDeviceCertificate, readDeviceCertificate } from '../identity/device-certificate.ts';
import { openDeviceIdentity } from '../identity/device-identity.ts';
import { createDeviceServer, type DeviceServer, parseInput } from '../identity/device-server.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import { formatEnrollmentToken, nonceCommitment, pairingCode, parseEnrollmentToken } from '../identity/pairing-code.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { createTestOrganization } from '../identity/testing/organization.ts';
import { publicTlsServer } from '../identity/tls.ts';
import { PairingOpen, type PairingResult } from '../protocol/pairing-api.ts';
import { pairDevice } from './pairing.ts';
import { openPairingConnection } from './pairing-connection.ts';

const ours = await createTestOrganization();
const theirs = await createTestOrganization();
const [coordinator, renewed, attacker] = await Promise.all([
  ours.machine('Coordinator'),
  ours.machine('Coordinator renewed'),
  theirs.machine('Attacker')
]);
const secret = toBase64url(randomBytes(32));
const folder = await mkdtemp(join(tmpdir(), 'letterlock-pairing-'));
afterAll(() => rm(folder, { recursive: true }));
const servers: DeviceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

type Machine = typeof coordinator;

/** Waits as little as can be. */
const impatient: Clock = { ...systemClock, after: (_ms, run) => systemClock.after(1, run) };

/** A coordinator that shows the certificate of `machine`, decides as told, and remembers what it was sent. */
async function listen(
  machine: Machine,
  decide: (enrollment: (by?: Machine) => PairingResult, asked: number) => PairingResult | Promise<PairingResult>,
  port = 0
) {
  const seen: { bodies: unknown[]; codes: string[]; reveals: number } = { bodies: [], codes: [], reveals: 0 };
  const server = createDeviceServer({ tls: () => publicTlsServer({ identity: machine }), logger: silentLogger });
  const nonce = randomBytes(32);
  let open: PairingOpen | undefined;
  let asked = 0;
  server.app.post('/pair/v1/requests', async ({ body }) => {
    seen.bodies.push(body);
    open = parseInput(PairingOpen, body);
    return { id: randomUUID(), nonce: toBase64url(nonce), expires: isoTime(Date.now() + 60_000) };
  });
  server.app.post('/pair/v1/requests/:id/reveal', async ({ body }) => {
    const revealed = fromBase64url((body as { nonce: string }).nonce) ?? new Uint8Array();
    if (!open || nonceCommitment(revealed) !== open.commitment) throw new LetterlockError('pairing-rejected');
    seen.reveals += 1;
    seen.codes.push(
      pairingCode({
        deviceNonce: revealed,
        coordinatorNonce: nonce,
        csrSha256: readCertificateRequest(open.csr).sha256,
        descriptorSha256: descriptorOf(open),
        coordinatorCertificateSha256: readDeviceCertificate(machine.tls.certificatePem).sha256
      })
    );
    return {};
  });
  server.app.post('/pair/v1/requests/:id/result', async () =>
    decide((by = coordinator) => approved(open, by), asked++)
  );
  servers.push(server);
  const address = await server.listen({ host: '127.0.0.1', port });
  return { address: `127.0.0.1:${address.port}`, port: address.port, seen, close: () => server.close() };
}

const descriptorOf = ({ signing, sealing }: { signing: string; sealing: string }) =>
  keyDescriptorDigest(
    keyDescriptor({
      signing: fromBase64url(signing) ?? new Uint8Array(),
      sealing: fromBase64url(sealing) ?? new Uint8Array()
    })
  );

function approved(open: PairingOpen | undefined, by: Machine): PairingResult {
  if (!open) throw new LetterlockError('not-found');
  const device = coordinator.id.replace(/^.{8}/, '00000000') as typeof coordinator.id;
  const certificate = issueDeviceCertificate({
    authority: ours.authority,
    publicKeyPem: readCertificateRequest(open.csr).publicKeyPem,
    device,
    organization: ours.organization.id,
    descriptorSha256: descriptorOf(open),
    name: open.name,
    now: Date.now()
  });
  const handedOut = ours.enrollment(by, by, 'https://127.0.0.1:1');
  return { state: 'approved', enrollment: { ...handedOut, device, name: open.name, roles: open.roles, certificate } };
}

async function pair(options: { coordinator: string } | { token: string }, signal = new AbortController().signal) {
  const dataDir = await mkdtemp(join(folder, 'device-'));
  const codes: string[] = [];
  const identity = pairDevice({
    ...options,
    name: 'Laptop',
    roles: ['client'],
    dataDir,
    secrets: plainSecrets,
    signal,
    onCode: (code) => codes.push(code),
    clock: impatient,
    logger: silentLogger
  });
  identity.catch(() => {});
  return { identity, codes, dataDir };
}

const tokenFor = (address: string, machine: Machine) =>
  formatEnrollmentToken({
    coordinator: address,
    secret,
    certificateSha256: readDeviceCertificate(machine.tls.certificatePem).sha256
  });

test('both sides show the same code; after approval the identity is on disk, for its owner alone', async () => {
  const { address, seen } = await listen(coordinator, (enrollment, asked) =>
    asked === 0 ? { state: 'pending' } : enrollment()
  );
  const { identity, codes, dataDir } = await pair({ coordinator: address });
  const { id } = await identity;
  expect(codes).toEqual(seen.codes);
  expect(codes[0]).toMatch(/^\d{6}$/);
  const again = await openDeviceIdentity(dataDir, plainSecrets);
  expect(again?.id).toBe(id);
  expect((await stat(join(dataDir, 'identity'))).mode & 0o777).toBe(0o700);
  expect(await readdir(join(dataDir, 'identity'))).toEqual(['identity.json']);
  expect((await stat(join(dataDir, 'identity', 'identity.json'))).mode & 0o777).toBe(0o600);
});

test('a man in the middle who relays everything under a certificate of his own makes the codes differ', async () => {
  const real = await listen(coordinator, () => ({ state: 'rejected' }));
  const connection = openPairingConnection({ address: real.address, signal: new AbortController().signal });
  const middle = createDeviceServer({ tls: () => publicTlsServer({ identity: attacker }), logger: silentLogger });
  middle.app.post('/pair/v1/*', ({ url, body }) => connection.post(url, body, z.unknown()));
  servers.push(middle);
  const { port } = await middle.listen({ host: '127.0.0.1', port: 0 });

  const { identity, codes } = await pair({ coordinator: `127.0.0.1:${port}` });
  await expect(identity).rejects.toMatchObject({ code: 'pairing-rejected' });
  connection.close();
  expect(codes).toHaveLength(1);
  expect(real.seen.codes).toHaveLength(1);
  expect(codes).not.toEqual(real.seen.codes);
});

test('a token pairs without a code; a man in the middle never sees its secret', async () => {
  const real = await listen(coordinator, (enrollment) => enrollment());
  const good = await pair({ token: tokenFor(real.address, coordinator) });
  await good.identity;
  expect(good.codes).toEqual([]);
  expect(JSON.stringify(real.seen.bodies)).toContain(secret);

  const middle = await listen(attacker, (enrollment) => enrollment());
  const { identity } = await pair({ token: tokenFor(middle.address, coordinator) });
  await expect(identity).rejects.toMatchObject({ code: 'pairing-code-mismatch' });
  expect(middle.seen.bodies).toEqual([]);
});

test('another certificate in the middle of pairing ends it before the nonce is sent again', async () => {
  let swapped: ReturnType<typeof listen> | undefined;
  const first = await listen(coordinator, () => {
    swapped = first.close().then(() => listen(renewed, (enrollment) => enrollment(), first.port));
    return { state: 'pending' };
  });
  const { identity } = await pair({ coordinator: first.address });
  await expect(identity).rejects.toMatchObject({ code: 'pairing-code-mismatch' });
  expect((await swapped)?.seen.bodies).toEqual([]);
});

test('what was handed out for another key, another device or by another authority is refused', async () => {
  const changes = [
    { certificate: renewed.tls.certificatePem },
    { device: attacker.id },
    { authority: theirs.authority.certificatePem }
  ];
  for (const change of changes) {
    const { address } = await listen(coordinator, (enrollment) => {
      const result = enrollment();
      if (result.state !== 'approved') return result;
      return { state: 'approved', enrollment: { ...result.enrollment, ...change } };
    });
    const { identity, dataDir } = await pair({ coordinator: address });
    await expect(identity).rejects.toMatchObject({ code: 'certificate-invalid' });
    expect(await readdir(dataDir)).toEqual([]);
  }
});

test('rejected, expired, unreachable, aborted, not an address, not a token, already paired: each says so', async () => {
  const expired = await listen(coordinator, () => ({ state: 'expired' }));
  await expect((await pair({ coordinator: expired.address })).identity).rejects.toMatchObject({
    code: 'pairing-expired'
  });
  await expect((await pair({ coordinator: '127.0.0.1:1' })).identity).rejects.toMatchObject({
    code: 'coordinator-unreachable'
  });
  await expect((await pair({ coordinator: 'https://x' })).identity).rejects.toMatchObject({ code: 'input-invalid' });
  await expect((await pair({ token: 'll1.x.y.z' })).identity).rejects.toMatchObject({ code: 'token-invalid' });

  const abort = new AbortController();
  const never = await listen(coordinator, () => {
    abort.abort(new LetterlockError('conflict', 'canceled here'));
    return new Promise<never>(() => {});
  });
  await expect((await pair({ coordinator: never.address }, abort.signal)).identity).rejects.toMatchObject({
    detail: 'canceled here'
  });

  const { address } = await listen(coordinator, (enrollment) => enrollment());
  const { identity, dataDir } = await pair({ coordinator: address });
  await identity;
  const second = pairDevice({
    coordinator: address,
    name: 'x',
    roles: ['client'],
    dataDir,
    secrets: plainSecrets,
    signal: new AbortController().signal,
    onCode: () => {},
    clock: impatient,
    logger: silentLogger
  });
  await expect(second).rejects.toMatchObject({ code: 'conflict' });
});

test('a damaged identity is reported and left as it is', async () => {
  const { address } = await listen(coordinator, (enrollment) => enrollment());
  const { identity, dataDir } = await pair({ coordinator: address });
  await identity;
  const path = join(dataDir, 'identity', 'identity.json');
  const good = await readFile(path, 'utf8');
  const file = JSON.parse(good);
  const withKeys = (keys: object) =>
    JSON.stringify({ ...file, keys: Buffer.from(JSON.stringify(keys)).toString('base64url') });
  const keys = JSON.parse(Buffer.from(file.keys, 'base64url').toString());
  const damaged = {
    cut: good.slice(0, 100),
    empty: '',
    noKeys: withKeys({ ...keys, tls: 'x' }),
    otherKey: withKeys({ ...keys, tls: attacker.tls.keyPem }),
    swapped: withKeys({ ...keys, signing: keys.sealing, sealing: keys.signing }),
    otherDevice: JSON.stringify({ ...file, enrollment: { ...file.enrollment, device: attacker.id } })
  };
  for (const [name, text] of Object.entries(damaged)) {
    await writeFile(path, text);
    const failure = await openDeviceIdentity(dataDir, plainSecrets).catch((error: LetterlockError) => error);
    expect(failure, name).toMatchObject({ code: 'storage-damaged' });
    expect(await readFile(path, 'utf8')).toBe(text);
  }
});

test('tokens: what is not exactly one is refused', () => {
  const token = tokenFor('[::1]:8443', coordinator);
  expect(parseEnrollmentToken(`${token}\n`)).toMatchObject({ coordinator: '[::1]:8443', secret });
  const [version, address, ...rest] = token.split('.');
  for (const wrong of [
    '',
    `${token}.`,
    token.slice(0, -1),
    token.replace('ll1', 'll2'),
    [version, toBase64url(Buffer.from('user@host:1/')), ...rest].join('.'),
    [version, address, 'AAAA', rest[1]].join('.')
  ]) {
    expect(() => parseEnrollmentToken(wrong), wrong).toThrow('token-invalid');
  }
});
