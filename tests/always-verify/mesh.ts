import { join } from 'node:path';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { actor, createRig, type Rig, type TestDevice, until } from '../../src-main/coordinator/testing/rig.ts';
import { createDelivery } from '../../src-main/delivery/delivery.ts';
import { type ScriptedPrinter, startScriptedPrinter } from '../../src-main/delivery/testing/printer.ts';
import { type ClientJobs, createClientJobs } from '../../src-main/jobs/client-jobs.ts';
import { createStationSession, type StationSession } from '../../src-main/jobs/station-session.ts';
import { type MeshNode, startNode } from '../../src-main/mesh/node.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import type { PrinterId, Role } from '../../src-preload/contract/index.ts';

/** A real coordinator and a real node of it with a real delivery, on loopback; and what else a test asks for. `site`: absent, the first one. */
export interface Mesh {
  readonly rig: Rig;
  readonly device: TestDevice;
  readonly node: MeshNode;
  /** A further node. */
  addNode(name: string, site?: string): Promise<{ readonly device: TestDevice; readonly node: MeshNode }>;
  /** An approved printer that does as it is told. */
  addPrinter(name: string, site?: string): Promise<{ readonly id: PrinterId; readonly printer: ScriptedPrinter }>;
  /** A laptop that prints, of this user. */
  addClient(
    name: string,
    owner: string,
    site?: string
  ): Promise<{ readonly device: TestDevice; readonly jobs: ClientJobs }>;
  addStation(name: string): Promise<{ readonly device: TestDevice; readonly session: StationSession }>;
  close(): Promise<void>;
}

export async function startMesh(): Promise<Mesh> {
  const rig = await createRig();
  const closers: (() => unknown)[] = [() => rig.close()];
  const ports = ({ identity, organization }: TestDevice) => ({
    ...{ identity, organization, clock: systemClock, logger: silentLogger },
    dataDir: join(rig.dataDir, '..', identity.id)
  });
  const pair = async (name: string, role: Role, owner?: string, site?: string) => {
    const device = await rig.pair(name, [role], owner, site);
    const { organization } = device;
    await until(organization, () => organization.device(device.id) !== undefined);
    return { device, organization, options: ports(device) };
  };
  const transportOf = (options: ReturnType<typeof ports>) => {
    const transport = createNodeClient(options);
    closers.push(() => transport.close());
    return transport;
  };

  async function addNode(name: string, site?: string) {
    const { device, organization, options } = await pair(name, 'node', undefined, site);
    const delivery = await createDelivery(options);
    const node = await startNode({ ...options, host: '127.0.0.1', port: 0, deliver: delivery });
    closers.push(
      () => node.close(),
      () => delivery.close()
    );
    organization.announce(node.url);
    await until(organization, () => organization.device(device.id)?.url === node.url);
    return { device, node };
  }
  const { device, node } = await addNode('node');

  return {
    rig,
    device,
    node,
    addNode,
    async addPrinter(name, site) {
      const printer = await startScriptedPrinter();
      closers.push(() => printer.close());
      const { certificateSha256, uri } = printer;
      rig.printer.certificateSha256 = certificateSha256 ?? '';
      const { handlers } = rig.coordinator;
      const { id } = await handlers['admin.printer.add']({ name, uri, location: '', site }, actor);
      await handlers['admin.printer.approve']({ id, certificateSha256, grade: 'ipps-required' }, actor);
      return { id, printer };
    },
    async addClient(name, owner, site) {
      const { device: client, options } = await pair(name, 'client', owner, site);
      const jobs = await createClientJobs({ ...options, transport: transportOf(options) });
      closers.push(() => jobs.close());
      return { device: client, jobs };
    },
    async addStation(name) {
      const { device: station, options } = await pair(name, 'station');
      const session = createStationSession({ ...options, transport: transportOf(options), idleSeconds: 60 });
      closers.push(() => session.signOut());
      return { device: station, session };
    },
    async close() {
      for (const closer of closers.reverse()) await closer();
    }
  };
}
