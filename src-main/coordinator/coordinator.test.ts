import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { PairingId, Role } from '../../src-preload/contract/index.ts';
import { toBase64url } from '../base/bytes.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { createAuthority, generateRsaKeys } from '../identity/certificate-authority.ts';
import { createCertificateRequest } from '../identity/certificate-request.ts';
import { issueDeviceCertificate } from '../identity/device-certificate.ts';
import { createDeviceKeys } from '../identity/device-identity.ts';
import { sealingKey, signingKey } from '../identity/keys.ts';
import { nonceCommitment, parseEnrollmentToken } from '../identity/pairing-code.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { deviceTlsClient } from '../identity/tls.ts';
import { pairDevice } from '../organization/pairing.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { actor, createRig, type Rig } from './testing/rig.ts';

let rig: Rig;
let authority: string;
beforeAll(async () => {
  rig = await createRig();
  authority = await readFile(join(rig.dataDir, 'authority.pem'), 'utf8');
}, 60_000);
afterAll(() => rig.close());

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: { code?: string; ok?: boolean; value?: unknown; session?: string } & Record<string, unknown>;
}

/** As curl would: the certificate is checked against the authority and the host's address. */
function http(
  method: string,
  url: string,
  options: { readonly body?: unknown; readonly text?: string; readonly headers?: OutgoingHttpHeaders } = {}
): Promise<Answer> {
  const { body, headers } = options;
  const text = options.text ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      ca: authority,
      agent: false,
      headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers }
    });
    sent.once('error', reject);
    sent.once('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const got = Buffer.concat(chunks).toString();
      const json = response.headers['content-type']?.includes('json') ? JSON.parse(got) : {};
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: got, json });
    });
    sent.end(text);
  });
}

describe('the device listener', () => {
  const { hostname, port } = { hostname: '127.0.0.1', port: () => Number(new URL(rig.coordinator.deviceUrl).port) };
  /** Resolves with the first bytes of an answer, or null when there was none. */
  const ask = (options: object) =>
    new Promise<string | null>((resolve) => {
      const socket = connect({ host: hostname, port: port(), ca: authority, ...options }, () =>
        socket.write('GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n')
      );
      socket.once('data', (data) => resolve(data.toString()));
      socket.once('error', () => resolve(null));
      socket.once('close', () => resolve(null));
    });

  test('answers nobody without a certificate of this organization, and nobody below TLS 1.3', async () => {
    expect(await ask({})).toBeNull();
    expect(await ask({ maxVersion: 'TLSv1.2' })).toBeNull();
  });

  test('refuses a certificate of another organization with the same names', async () => {
    const device = await rig.pair('laptop', ['client']);
    const { organization, enrollment } = device.identity;
    const forged = await createAuthority({ organization, now: Date.now() });
    const { publicKey, privateKey } = await generateRsaKeys();
    const certificatePem = issueDeviceCertificate({
      authority: forged,
      publicKeyPem: publicKey,
      device: device.id,
      organization: organization.id,
      descriptorSha256: 'ab'.repeat(32),
      name: 'laptop',
      now: Date.now()
    });
    const tls = { keyPem: privateKey, certificatePem, authorityPem: enrollment.authority };
    expect(await ask(deviceTlsClient({ identity: { tls }, expect: enrollment.coordinator.id }))).toBeNull();
    const real = deviceTlsClient({ identity: device.identity, expect: enrollment.coordinator.id });
    expect(await ask(real)).toContain('200 OK');
  });

  test('gives each role only what it needs', async () => {
    const node = await rig.pair('node', ['node']);
    const refusals = ['/v1/jobs', '/v1/sessions', '/v1/grants'];
    for (const path of refusals)
      await expect(node.organization.call(path, {}, z.unknown())).rejects.toMatchObject({ code: 'not-allowed' });
    for (const url of ['http://a:1', 'https://user:pw@a:1', 'https://a:1/path', 'nonsense'])
      await expect(node.organization.call('/v1/presence', { url }, z.unknown())).rejects.toMatchObject({
        code: 'input-invalid'
      });
    const condition = {
      ...{ freeBytes: 1_000, power: 'battery', batteryPercent: 80, awakeShare: 0.5 },
      ...{ domain: 'attic', stationary: false, leaving: false }
    };
    await node.organization.call('/v1/presence', { url: 'https://127.0.0.1:7001', condition }, z.unknown());
    const { nodes } = await rig.coordinator.handlers['admin.mesh.status']({}, actor);
    expect(nodes.find(({ id }) => id === node.id)).toMatchObject({
      url: 'https://127.0.0.1:7001',
      online: true,
      condition
    });
  });
});

/** What a machine sends to open a pairing; always the same keys. */
const applicant = createDeviceKeys().then((keys) => ({
  name: 'laptop',
  csr: createCertificateRequest({ privateKeyPem: keys.tlsPrivateKeyPem, name: 'laptop' }),
  signing: toBase64url(signingKey(keys.signing).publicKey),
  sealing: toBase64url(sealingKey(keys.sealing).publicKey),
  commitment: nonceCommitment(new Uint8Array(32))
}));
const application = async (roles: Role[], token: string) => ({
  ...(await applicant),
  roles,
  token: parseEnrollmentToken(token).secret
});

describe('pairing', () => {
  /** With a token there is no code to show. */
  async function begin(roles: Role[], token?: string) {
    const dataDir = await mkdtemp(join(rig.dataDir, 'device-'));
    let paired: ReturnType<typeof pairDevice> | undefined;
    const code = new Promise<string>((onCode, reject) => {
      const coordinator = rig.coordinator.pairingUrl.replace('https://', '');
      paired = pairDevice({
        ...(token === undefined ? { coordinator } : { token }),
        name: 'laptop',
        roles,
        dataDir,
        secrets: plainSecrets,
        signal: AbortSignal.timeout(60_000),
        onCode,
        clock: systemClock,
        logger: silentLogger
      });
      paired.catch(reject);
      if (token !== undefined) onCode('');
    });
    return { code: await code, paired: paired as ReturnType<typeof pairDevice> };
  }
  const waiting = async (code: string) => {
    const requests = await rig.coordinator.handlers['admin.pairing.list']({}, actor);
    const found = requests.find((candidate) => candidate.code === code);
    if (!found) throw new Error('no such request');
    return found;
  };
  const approve = (id: PairingId, code: string, owner?: string) =>
    rig.coordinator.handlers['admin.pairing.approve']({ id, code, ...(owner ? { owner } : {}) }, actor);
  const other = (code: string) => ((Number(code) + 1) % 1_000_000).toString().padStart(6, '0');

  test('needs the code that the other screen shows', async () => {
    await rig.coordinator.handlers['admin.user.add']({ name: 'Ada' }, actor);
    const { paired, code } = await begin(['client', 'node']);
    const { id, name, roles } = await waiting(code);
    expect({ name, roles }).toEqual({ name: 'laptop', roles: ['client', 'node'] });
    await expect(approve(id, other(code))).rejects.toMatchObject({ code: 'pairing-code-mismatch' });
    const device = await approve(id, code, 'ADA');
    expect(device).toMatchObject({ status: 'approved', owner: 'Ada', online: false });
    expect((await paired).id).toBe(device.id);
    await expect(approve(id, code)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('ends after three wrong codes, when rejected, and in time', async () => {
    const guessed = await begin(['client']);
    const { id } = await waiting(guessed.code);
    const ended = expect(guessed.paired).rejects.toMatchObject({ code: 'pairing-rejected' });
    for (let i = 0; i < 3; i += 1)
      await expect(approve(id, other(guessed.code))).rejects.toMatchObject({ code: 'pairing-code-mismatch' });
    await ended;
    await expect(approve(id, guessed.code)).rejects.toMatchObject({ code: 'conflict' });

    const late = await begin(['client']);
    const request = await waiting(late.code);
    const expired = expect(late.paired).rejects.toMatchObject({ code: 'pairing-expired' });
    rig.clock.advance(600_001);
    await expired;
    await expect(approve(request.id, late.code)).rejects.toMatchObject({ code: 'pairing-expired' });
  });

  test('a token approves its roles, as often as it says, and not after its end', async () => {
    const create = () =>
      rig.coordinator.handlers['admin.token.create']({ roles: ['node'], maxUses: 1, hours: 1 }, actor);
    const { token } = await create();
    const apply = async (text: string, roles: Role[] = ['node']) => {
      const body = await application(roles, text);
      return (await http('POST', `${rig.coordinator.pairingUrl}/pair/v1/requests`, { body })).json.code;
    };
    expect(await apply(token, ['station'])).toBe('not-allowed');
    expect((await (await begin(['node'], token)).paired).enrollment.roles).toEqual(['node']);
    expect(await apply(token)).toBe('token-invalid');

    const revoked = await create();
    await rig.coordinator.handlers['admin.token.revoke']({ id: revoked.id }, actor);
    expect(await apply(revoked.token)).toBe('token-invalid');

    const late = await create();
    expect(await apply(late.token)).toBeUndefined();
    rig.clock.advance(3600_001);
    expect(await apply(late.token)).toBe('token-invalid');
  });

  test('takes no nonsense from strangers, and no GET', async () => {
    const url = `${rig.coordinator.pairingUrl}/pair/v1/requests`;
    const cases: [string, { body?: unknown; text?: string }][] = [
      ['input-invalid', { body: {} }],
      ['input-invalid', { text: '{' }],
      ['input-invalid', { body: { name: 'x', roles: ['admin'], csr: '', signing: '', sealing: '', commitment: '' } }],
      ['too-large', { text: JSON.stringify({ name: 'x'.repeat(64 * 1024) }) }]
    ];
    for (const [code, options] of cases) expect((await http('POST', url, options)).json.code).toBe(code);
    expect((await http('GET', url)).status).toBe(404);
    expect((await http('POST', `${url}/not-an-id/reveal`, { body: { nonce: 'A'.repeat(43) } })).status).toBe(400);
    expect((await http('GET', `${rig.coordinator.pairingUrl}/v1/events`)).status).toBe(404);
  });
});

describe('the data folder', () => {
  test('keeps its secrets to itself', async () => {
    for (const name of [
      'admin-password',
      'keys/master.key',
      'keys/custody.key',
      'keys/authority.json',
      'keys/tls.json'
    ])
      expect((await stat(join(rig.dataDir, name))).mode & 0o777, name).toBe(0o600);
    expect((await stat(rig.dataDir)).mode & 0o777).toBe(0o700);
  });

  test('a PIN is nowhere in it', async () => {
    const pin = '90210903417732';
    await rig.coordinator.handlers['admin.user.add']({ name: 'Canary', pin }, actor);
    for (const name of ['coordinator.db', 'coordinator.db-wal'])
      expect((await readFile(join(rig.dataDir, name))).includes(pin)).toBe(false);
  });

  test('what somebody changes in the audit log is found, also after further rows and a restart', async () => {
    const verify = async () => rig.coordinator.handlers['admin.audit.verify']({}, actor);
    const rows = () => rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor);
    const sqlite = openSqlite(join(rig.dataDir, 'coordinator.db'));
    const run = (sql: string, ...values: unknown[]) => sqlite.prepare(sql).run(values);
    expect((await verify()).intact).toBe(true);
    run('update audit set actor = ? where sequence = 3', 'nobody');
    expect(await verify()).toMatchObject({ intact: false, firstBroken: 3 });
    run('update audit set actor = ? where sequence = 3', 'coordinator');
    await rig.restart();
    expect((await verify()).intact).toBe(true);

    // Cut off, checkpoints and all, as if the last rows had never been: only what is kept beside the database can tell.
    const before = await rows();
    run('delete from audit_checkpoint');
    run('delete from audit where sequence > ?', before.length - 2);
    expect((await verify()).intact).toBe(false);
    await rig.coordinator.handlers['admin.policy.set']({ replicas: 3 }, actor);
    await rig.coordinator.handlers['admin.policy.set']({ replicas: 2 }, actor);
    await rig.coordinator.handlers['admin.policy.set']({ replicas: 3 }, actor);
    expect(await rows()).toHaveLength(before.length + 1);
    expect((await verify()).intact).toBe(false);
    await rig.restart();
    expect((await verify()).intact).toBe(false);
    sqlite.close();
  });

  test('a lost key is named, never replaced', async () => {
    const restarted = rig.restart(() => rm(join(rig.dataDir, 'keys', 'custody.key')));
    await expect(restarted).rejects.toMatchObject({ code: 'storage-damaged', detail: 'keys/custody.key is missing' });
  });
});
