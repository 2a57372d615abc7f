import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../../../../src-preload/contract/index.ts';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import { plainSecrets } from '../../../identity/safe-secret.ts';
import { connectOrganization } from '../../../organization/organization.ts';
import { pairDevice } from '../../../organization/pairing.ts';
import { type Coordinator, startCoordinator } from '../../coordinator.ts';
import type { CoordinatorStore } from '../../store.ts';
import { actor, printerCertificate, type TestDevice, until, words } from '../../testing/rig.ts';
import { joinWithBundle } from '../key-bundle.ts';

/** Two real coordinators over one database, and real devices that are connected to one or the other. */
export interface Two {
  readonly first: Coordinator;
  readonly second: Coordinator;
  /** The data folder of one of them. */
  folder(which: Which): string;
  stop(which: Which): Promise<void>;
  /** Starts one that was stopped, in the same folder at the same address. */
  start(which: Which): Promise<void>;
  /** Connected to the coordinator that it was paired with, for as long as that lives. */
  pair(coordinator: Coordinator, name: string, roles: Role[], owner?: string): Promise<TestDevice>;
  close(): Promise<void>;
}

export type Which = 'first' | 'second';

export async function startTwo(openStore: () => Promise<CoordinatorStore>): Promise<Two> {
  const root = await mkdtemp(join(tmpdir(), 'letterlock-two-'));
  const start = (name: Which) =>
    startCoordinator({
      dataDir: join(root, name),
      organizationName: 'Test organization',
      host: '127.0.0.1',
      ports: { device: 0, pairing: 0, web: 0 },
      openStore,
      fetchPrinter: async () => ({
        sha256: printerCertificate,
        subject: 'CN=printer',
        validTo: '2040-01-01T00:00:00.000Z'
      }),
      fetchCapabilities: async () => words('prints PDF'),
      clock: systemClock,
      logger: silentLogger
    });
  const running = { first: await start('first') } as Record<Which, Coordinator>;
  const { first } = running;
  const path = join(root, `${randomUUID()}.bundle`);
  const passphrase = randomBytes(16).toString('base64url');
  await first.handlers['admin.coordinator.bundle']({ path, passphrase }, actor);
  await joinWithBundle({ dataDir: join(root, 'second'), sealed: createReadStream(path), passphrase });
  running.second = await start('second');
  const devices: TestDevice[] = [];

  return {
    get first() {
      return running.first;
    },
    get second() {
      return running.second;
    },
    folder: (which) => join(root, which),
    stop: (which) => running[which].close(),
    async start(which) {
      running[which] = await start(which);
    },
    async pair(coordinator, name, roles, owner) {
      const wanted = { roles, maxUses: 1, hours: 1, ...(owner === undefined ? {} : { owner }) };
      const { token } = await coordinator.handlers['admin.token.create'](wanted, actor);
      const dataDir = await mkdtemp(join(root, 'device-'));
      const common = { dataDir, clock: systemClock, logger: silentLogger };
      const signal = AbortSignal.timeout(60_000);
      const options = { ...common, token, name, roles, secrets: plainSecrets, signal, onCode: () => {} };
      const identity = await pairDevice(options);
      const connect = async () => {
        const organization = await connectOrganization({ ...common, identity });
        await until(organization, () => organization.connected() && organization.online().has(identity.id));
        return organization;
      };
      const device: TestDevice = {
        identity,
        id: identity.id,
        dataDir,
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
      await Promise.allSettled(Object.values(running).map((coordinator) => coordinator.close()));
      await rm(root, { recursive: true });
    }
  };
}
