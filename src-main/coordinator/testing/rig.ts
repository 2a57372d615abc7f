import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { type DeviceId, JobId, type Role, type UserId } from '../../../src-preload/contract/index.ts';
import { isoTime, systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Sealed } from '../../identity/hpke.ts';
import { plainSecrets } from '../../identity/safe-secret.ts';
import { signStatement } from '../../identity/signed-statement.ts';
import { connectOrganization, type Organization } from '../../organization/organization.ts';
import { pairDevice } from '../../organization/pairing.ts';
import type { JobEvent } from '../../organization/port.ts';
import type { RegisterJob } from '../../protocol/device-api.ts';
import type { Directory } from '../../protocol/directory.ts';
import { keysOf, siteOfDevice } from '../../protocol/sites.ts';
import { Manifest } from '../../sealing/manifest.ts';
import { beginSealedJob } from '../../sealing/sealed-job.ts';
import { openWrappedKey } from '../../sealing/sealed-key.ts';
import { openCoordinatorStore } from '../../storage/coordinator-store.ts';
import { type Coordinator, startCoordinator } from '../coordinator.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** A real coordinator on loopback with a clock that can be moved, and real devices that were really paired with it. */
export interface Rig {
  readonly coordinator: Coordinator;
  readonly clock: TestClock;
  readonly dataDir: string;
  /** What the printer says when it is asked. */
  readonly printer: { capabilities: string; certificateSha256: string };
  /** Stops and starts it in the same folder; `between` runs while it is down. */
  restart(between?: () => Promise<void>): Promise<void>;
  /** `site`: absent, the first one. */
  pair(name: string, roles: Role[], owner?: string, site?: string): Promise<TestDevice>;
  close(): Promise<void>;
}
export interface TestDevice {
  readonly identity: DeviceIdentity;
  readonly id: DeviceId;
  readonly dataDir: string;
  organization: Organization;
  /** Connects anew after `organization.close()`. */
  reconnect(): Promise<void>;
}

export const actor = 'admin:test';
/** Capabilities as they travel; opaque to the coordinator. */
export const words = (text: string): string => Buffer.from(text).toString('base64url');
export const printerCertificate = 'ab'.repeat(32);

export async function createRig(openStore: typeof openCoordinatorStore = openCoordinatorStore): Promise<Rig> {
  const root = await mkdtemp(join(tmpdir(), 'letterlock-coordinator-'));
  const dataDir = join(root, 'coordinator');
  const clock = createTestClock();
  const devices: TestDevice[] = [];
  const printer = { capabilities: words('prints PDF'), certificateSha256: printerCertificate };
  const start = () =>
    startCoordinator({
      dataDir,
      organizationName: 'Test organization',
      host: '127.0.0.1',
      ports: { device: 0, pairing: 0, web: 0 },
      openStore,
      fetchPrinter: async () => ({
        sha256: printer.certificateSha256,
        subject: 'CN=printer',
        validTo: '2040-01-01T00:00:00.000Z'
      }),
      fetchCapabilities: async () => printer.capabilities,
      clock,
      logger: silentLogger
    });
  let coordinator = await start();

  return {
    get coordinator() {
      return coordinator;
    },
    clock,
    dataDir,
    printer,
    async restart(between) {
      await coordinator.close();
      await between?.();
      coordinator = await start();
    },
    async pair(name, roles, owner, site) {
      const { token } = await coordinator.handlers['admin.token.create'](
        { roles, maxUses: 1, hours: 1, ...(owner === undefined ? {} : { owner }), site },
        actor
      );
      const folder = await mkdtemp(join(root, 'device-'));
      const identity = await pairDevice({
        token,
        name,
        roles,
        dataDir: folder,
        secrets: plainSecrets,
        signal: AbortSignal.timeout(60_000),
        onCode: () => {},
        clock: systemClock,
        logger: silentLogger
      });
      const connect = async () => {
        const organization = await connectOrganization({
          identity,
          dataDir: folder,
          clock: systemClock,
          logger: silentLogger
        });
        await until(organization, () => organization.connected() && organization.online().has(identity.id));
        return organization;
      };
      const device: TestDevice = {
        identity,
        id: identity.id,
        dataDir: folder,
        organization: await connect(),
        async reconnect() {
          device.organization = await connect();
        }
      };
      devices.push(device);
      return device;
    },
    async close() {
      for (const { organization } of devices) organization.close();
      await coordinator.close();
      await rm(root, { recursive: true, maxRetries: 5 }); // a directory may still be on its way to a disk
    }
  };
}

/** Resolves once `holds` is true; looks again at each change of the organization. */
export function until(organization: Organization, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const off = organization.onChange(() => {
      if (!holds()) return;
      off();
      resolve();
    });
  });
}

/** A sealed job as a client registers it: really sealed, held (as they say) by `nodes`. */
export async function sealJob(options: {
  readonly client: TestDevice;
  readonly nodes: readonly TestDevice[];
  readonly now: number;
  readonly change?: Partial<Parameters<typeof beginSealedJob>[0]>;
}): Promise<{
  id: JobId;
  request: z.infer<typeof RegisterJob>;
  manifest: Manifest;
  metadata: Uint8Array;
  /** J, sealed to who keeps it. */
  jobPart: Sealed;
  /** W, as each node that holds it has it. */
  wrapped: Uint8Array;
}> {
  const { client, nodes, now, change = {} } = options;
  const directory = client.organization.directory();
  if (!directory) throw new Error('no directory');
  const site = siteOfDevice(directory, client.id);
  const { releaseKey = directory.releaseKey } = keysOf(directory, site) ?? {};
  const id = JobId.parse(randomUUID());
  const sealing = beginSealedJob({
    job: id,
    organization: directory.organization.id,
    site,
    owner: directory.devices.find((device) => device.id === client.id)?.owner as UserId,
    device: { id: client.id, signingKey: client.identity.signing },
    releaseKey: keyOf(releaseKey),
    created: now,
    expires: now + directory.policy.holdHours * 3600 * 1000,
    custody: 'standard',
    deliveryGrade: 'ipps-required',
    ...change
  });
  const out = new Uint8Array(sealing.blob.sealedBound(5));
  sealing.blob.update(Buffer.from('hello'), out);
  sealing.blob.final(out);
  const described = {
    title: 'Offer to the Ministry',
    attributes: '',
    documents: [{ format: 'application/pdf', size: 5, facts: {} }]
  };
  const voters = change.offlineKey ? nodes.map((node) => node.id) : [];
  const { manifest, metadata } = await sealing.finish({ v: 2, ...described }, voters);
  const strict = change.custody === 'strict';
  const jobPart = await sealing.sealJobPartFor(
    strict
      ? { id: client.id, sealingPublicKey: client.identity.sealing.publicKey }
      : { id: directory.coordinator.id, sealingPublicKey: Buffer.from(directory.coordinator.sealing, 'base64url') }
  );
  const opened = Manifest.parse(JSON.parse(Buffer.from(manifest.payload, 'base64url').toString()));
  const [node] = nodes;
  const to = node ?? client;
  const sealedKey = await sealing.wrapFor({ id: to.id, sealingPublicKey: to.identity.sealing.publicKey });
  const wrapped = await openWrappedKey(sealedKey, id, { id: to.id, key: to.identity.sealing });
  const receipts = await Promise.all(nodes.map((node) => holdingReceipt(node, opened)));
  sealing.wipe();
  const request = { manifest, jobPart: strict ? null : jobPart, receipts };
  return { id, manifest: opened, metadata, jobPart, wrapped, request };
}

/** A key of the directory, as jobs are sealed to it. */
export const keyOf = ({ epoch, publicKey }: Directory['releaseKey']) => ({
  epoch,
  publicKey: Buffer.from(publicKey, 'base64url')
});

export const holdingReceipt = (node: TestDevice, manifest: Manifest, change: object = {}) =>
  signStatement(
    'holding',
    {
      job: manifest.job,
      node: node.id,
      sha256: manifest.sha256,
      blobSize: manifest.blobSize,
      at: isoTime(Date.now()),
      ...change
    },
    { id: node.id, key: node.identity.signing }
  );

export const adminPassword = async (rig: Rig): Promise<string> =>
  (await readFile(rig.coordinator.adminPasswordFile, 'utf8')).trim();

/** The next event of this job at its printing device that satisfies `holds`. Ask before what causes it. */
export function jobEvent(device: TestDevice, job: JobId, holds: (event: JobEvent) => boolean): Promise<JobEvent> {
  return new Promise((resolve) => {
    const off = device.organization.onJob((event) => {
      if (event.id !== job || !holds(event)) return;
      off();
      resolve(event);
    });
  });
}
