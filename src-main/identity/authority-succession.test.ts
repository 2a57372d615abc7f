import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Authority, createAuthority, succeedAuthority } from './certificate-authority.ts';
import { deviceAgent } from './device-agent.ts';
import { issueDeviceCertificate } from './device-certificate.ts';
import { request } from './device-http.ts';
import { peerOf } from './peer-identity.ts';
import { createTestOrganization } from './testing/organization.ts';
import { deviceTlsClient, deviceTlsServer, type TlsIdentity } from './tls.ts';

const now = Date.now();
const ours = await createTestOrganization();
const [machine, other] = await Promise.all([ours.machine('Node'), ours.machine('Laptop')]);
const old = ours.authority;
const { authority: next, linkPem } = await succeedAuthority(old, now);

/** The same machine, with a certificate of another authority. */
const reissued = ({ id, descriptorSha256, tls }: typeof machine, authority: Authority, link = ''): TlsIdentity => ({
  ...tls,
  certificatePem:
    issueDeviceCertificate({
      authority,
      publicKeyPem: publicKeyOf(tls.keyPem),
      device: id,
      organization: ours.organization.id,
      descriptorSha256,
      name: 'Reissued',
      now
    }) + link
});
const publicKeyOf = (keyPem: string) => createPublicKey(keyPem).export({ type: 'spki', format: 'pem' }).toString();

/** Whether a handshake between these two leads each to the other. */
async function meet(server: TlsIdentity, client: TlsIdentity): Promise<boolean> {
  const listener = createServer(deviceTlsServer({ identity: { tls: server } })).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = new Promise<boolean>((resolve) => {
    listener.on('secureConnection', (socket) => resolve(peerOf(socket).device === other.id));
    listener.on('tlsClientError', () => resolve(false));
  });
  const { port } = listener.address() as { port: number };
  const socket = connect({
    host: '127.0.0.1',
    port,
    ...deviceTlsClient({ identity: { tls: client }, expect: machine.id })
  });
  const connected = await once(socket, 'secureConnect').then(
    () => peerOf(socket).device === machine.id,
    () => false
  );
  const both = connected && (await accepted);
  socket.destroy();
  listener.close();
  return both;
}

const bundle = next.certificatePem + old.certificatePem;
const knows = (tls: TlsIdentity, authorityPem: string) => ({ ...tls, authorityPem });

test('machines of the old and of the new authority meet, whichever of them each one knows', async () => {
  const oldServer = machine.tls;
  const newServer = reissued(machine, next, linkPem);
  const oldClient = other.tls;
  const newClient = reissued(other, next, linkPem);
  for (const server of [oldServer, newServer])
    for (const client of [oldClient, newClient]) {
      expect(await meet(knows(server, bundle), knows(client, bundle))).toBe(true);
      expect(await meet(knows(server, bundle), knows(client, old.certificatePem))).toBe(true);
      expect(await meet(knows(server, old.certificatePem), knows(client, bundle))).toBe(true);
    }
  // Once the old one is dropped, what still comes with a link is not led astray by it.
  expect(await meet(knows(newServer, next.certificatePem), knows(newClient, next.certificatePem))).toBe(true);
  expect(await meet(knows(newServer, next.certificatePem), knows(oldClient, next.certificatePem))).toBe(false);
});

test('without the link, or with one of a stranger, who knows only the old authority is not persuaded', async () => {
  const client = knows(other.tls, old.certificatePem);
  expect(await meet(knows(reissued(machine, next), bundle), client)).toBe(false);
  const stranger = await createAuthority({ organization: ours.organization, now });
  const forged = await succeedAuthority(stranger, now);
  expect(await meet(knows(reissued(machine, forged.authority, forged.linkPem), bundle), client)).toBe(false);
  expect(await meet(knows(reissued(machine, forged.authority, linkPem), bundle), client)).toBe(false);
});

test('a machine that slept until its certificate was over is told so, whatever has become of the authority', async () => {
  const asleep = await ours.machine('Laptop', { issuedAt: now - 100 * 24 * 3600 * 1000, days: 90 });
  const agent = deviceAgent({ identity: asleep, expect: machine.id });
  const call = { agent, url: 'https://127.0.0.1:1', path: '/', unreachable: 'coordinator-unreachable' } as const;
  await expect(request({ ...call, schema: z.unknown() })).rejects.toMatchObject({
    code: 'certificate-invalid',
    detail: 'the certificate of this machine expired'
  });
  agent.destroy();
});

test('a device certificate with its key is no authority: what it issued counts nowhere', async () => {
  const rogue = { certificatePem: machine.tls.certificatePem, privateKeyPem: machine.tls.keyPem };
  const issued = reissued(machine, rogue, machine.tls.certificatePem);
  expect(await meet(knows(issued, bundle), knows(other.tls, bundle))).toBe(false);
});
