import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NodeState } from '../../src-preload/contract/index.ts';
import { isoTime, systemClock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { encodeLine } from '../base/ndjson.ts';
import { saveEnrollment } from '../identity/device-identity.ts';
import { createDeviceServer } from '../identity/device-server.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { signStatement } from '../identity/signed-statement.ts';
import { createTestOrganization as createIssuingOrganization } from '../identity/testing/organization.ts';
import { deviceTlsServer } from '../identity/tls.ts';
import { openReplicaStore } from '../mesh/replica-store.ts';
import { createTestOrganization, type TestOrganization } from '../mesh/testing/organization.ts';
import { testDirectory } from '../organization/testing/directory.ts';
import { createEventBus } from './events.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { startNodeRole } from './node-role.ts';

let organization: TestOrganization;
let dataDir: string;
let lifecycle: Lifecycle;
beforeEach(async () => {
  lifecycle = createLifecycle(silentLogger);
  organization = await createTestOrganization();
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-node-role-'));
}, 60_000);
afterEach(async () => {
  await lifecycle.stop();
  await organization.close();
  await rm(dataDir, { recursive: true, force: true });
});

it.skipIf(process.platform === 'win32')(
  'a node that erases while it starts tells its state only once there is one',
  async () => {
    const [client, node] = await Promise.all([
      organization.enroll('laptop', ['client']),
      organization.enroll('attic', ['node'], { dataDir })
    ]);
    // As a node left it that was switched off while the job's time ran out.
    const ago = Date.now() - 7_200_000;
    const sealed = await organization.seal(client, randomBytes(1000), { created: ago, expires: ago + 3_600_000 });
    const store = await openReplicaStore(dataDir, { isErased: () => false, logger: silentLogger });
    const folder = await store.stage(sealed.job);
    await writeFile(join(folder, 'blob'), sealed.blob);
    await store.admit(folder, sealed.job, { ...(await sealed.commitFor(node)), committed: isoTime(ago) });

    // It cannot go on starting before the job is erased: what it reads next comes when we say so.
    const history = join(dataDir, 'awake.json');
    await promisify(execFile)('mkfifo', [history]);
    const events = createEventBus();
    const told: NodeState[] = [];
    const erased = new Promise<void>((resolve) => {
      events.on((name, payload) => {
        if (name !== 'node.state') return;
        told.push(payload as NodeState);
        if (told.at(-1)?.replicas === 0) resolve();
      });
    });
    let isErased = () => {};
    const destroyed = new Promise<void>((resolve) => {
      isErased = resolve;
    });
    const logger: Logger = Object.assign(Object.create(silentLogger), {
      info: (_: object, what: string) => what === 'job erased' && isErased()
    });
    const starting = startNodeRole({
      ...{ dataDir, host: '127.0.0.1', secrets: plainSecrets, clock: systemClock, logger },
      ...{ lifecycle, events, discovery: false }
    });
    await destroyed;
    await new Promise((resolve) => setTimeout(resolve, 1)); // after the timer that would tell of it
    expect(told).toEqual([]);
    await writeFile(history, '');
    const { ready } = await starting;
    await erased;
    expect(told[0]).toMatchObject({ device: { id: node.id }, url: ready.url });
  },
  60_000
);

it('a node tells that its coordinator is back, also when nothing else changes', async () => {
  const office = await createIssuingOrganization();
  const [machine, node] = await Promise.all([office.machine('Coordinator'), office.machine('attic')]);
  const devices = [{ machine: node, status: 'approved' as const, roles: ['node' as const] }];
  const streams: ServerResponse[] = [];
  /** Until then the coordinator says nothing on a new stream. */
  let silent: Promise<unknown> = Promise.resolve();
  const server = createDeviceServer({ tls: () => deviceTlsServer({ identity: machine }), logger: silentLogger });
  lifecycle.add('coordinator', () => server.close());
  server.app.get('/v1/events', async (_request, reply) => {
    await silent;
    const content = testDirectory({
      ...{ organization: office.organization, coordinator: machine, devices, now: Date.now() },
      version: streams.length + 1
    });
    const directory = await signStatement('directory', content, { id: machine.id, key: machine.signing });
    reply.hijack();
    streams.push(reply.raw);
    reply.raw.write(encodeLine({ type: 'directory', directory, online: [] }));
  });
  server.app.post('/v1/*', async () => ({}));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const enrollment = office.enrollment(node, machine, `https://127.0.0.1:${port}`);
  await saveEnrollment({
    ...{ dataDir, secrets: plainSecrets, keys: node.keys },
    enrollment: { ...enrollment, roles: ['node'] }
  });

  const told = new EventEmitter<{ online: []; offline: [] }>();
  const events = createEventBus();
  events.on((name, payload) => {
    if (name === 'node.state') told.emit((payload as NodeState).connection.coordinator);
  });
  const online = once(told, 'online');
  await startNodeRole({
    ...{ dataDir, host: '127.0.0.1', secrets: plainSecrets, clock: systemClock, logger: silentLogger },
    ...{ lifecycle, events, discovery: false }
  });
  await online;
  silent = once(told, 'offline');
  const back = silent.then(() => once(told, 'online'));
  streams.at(-1)?.end();
  await back;
}, 60_000);
