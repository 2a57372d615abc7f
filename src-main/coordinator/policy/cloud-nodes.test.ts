import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { PrinterId, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { plainSecrets } from '../../identity/safe-secret.ts';
import { signStatement } from '../../identity/signed-statement.ts';
import { pairDevice } from '../../organization/pairing.ts';
import { GrantBundle, Session } from '../../protocol/device-api.ts';
import {
  actor,
  createRig,
  holdingReceipt,
  printerCertificate,
  type Rig,
  sealJob,
  type TestDevice,
  until
} from '../testing/rig.ts';

/** What the coordinator does about cloud nodes, with real devices. */
const none = z.object({});
const refused = expect.objectContaining({ code: 'policy-refused' });
let rig: Rig;
let client: TestDevice;
let station: TestDevice;
let node: TestDevice;
let cloud: TestDevice;
let hall: PrinterId;
let ada: UserId;
let travellers: UserGroupId;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  ada = (await handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor)).id;
  travellers = (await handlers['admin.group.add']({ name: 'Travellers' }, actor)).id;
  hall = (
    await handlers['admin.printer.add']({ name: 'Hall', uri: 'ipps://hall.example/ipp/print', location: '' }, actor)
  ).id;
  await handlers['admin.printer.approve'](
    { id: hall, certificateSha256: printerCertificate, grade: 'ipps-required' },
    actor
  );
  client = await rig.pair('laptop', ['client'], 'ada');
  station = await rig.pair('kiosk', ['station']);
  node = await rig.pair('node', ['node']);
  cloud = await rig.pair('cloud', ['node']);
  await handlers['admin.device.cloud']({ id: cloud.id, cloud: true }, actor);
  await until(client.organization, () => client.organization.device(cloud.id)?.cloud === true);
}, 120_000);
afterAll(() => rig.close());
afterEach(async () => {
  const { handlers } = rig.coordinator;
  await handlers['admin.policy.set']({ cloudNodes: 'deny' }, actor);
  for (const { id } of (await handlers['admin.policy.show']({}, actor)).rules)
    await handlers['admin.policy.rule.remove']({ id }, actor);
  await handlers['admin.group.set-members']({ id: travellers, members: [] }, actor);
});

const allow = () => rig.coordinator.handlers['admin.policy.set']({ cloudNodes: 'allow' }, actor);
const seal = (...nodes: TestDevice[]) => sealJob({ client, nodes, now: rig.clock.now() });
const register = async (...nodes: TestDevice[]) => {
  const job = await seal(...nodes);
  await client.organization.call('/v1/jobs', job.request, none);
  return job;
};

test('a machine is a cloud node by its token, or by an administrator’s word, and everybody is told', async () => {
  const { handlers } = rig.coordinator;
  const { token, ...shown } = await handlers['admin.token.create'](
    { roles: ['client', 'node'], maxUses: 2, hours: 1, owner: 'Ada', cloud: true },
    actor
  );
  expect(shown.cloud).toBe(true);
  const pair = (name: string, roles: ('client' | 'node')[]) =>
    pairDevice({
      ...{ token, name, roles, dataDir: `${rig.dataDir}-${name}`, secrets: plainSecrets, onCode: () => {} },
      ...{ signal: AbortSignal.timeout(60_000), clock: systemClock, logger: silentLogger }
    });
  const [away, laptop] = [await pair('away', ['node']), await pair('another', ['client'])];
  await until(client.organization, () => client.organization.device(laptop.id) !== undefined);
  expect(client.organization.device(away.id)?.cloud).toBe(true);
  expect(client.organization.device(laptop.id)?.cloud).toBeUndefined();

  const set = (id: typeof away.id, on: boolean) => handlers['admin.device.cloud']({ id, cloud: on }, actor);
  expect(await set(away.id, false)).toMatchObject({ id: away.id, cloud: false });
  await until(client.organization, () => client.organization.device(away.id)?.cloud === undefined);
  await expect(set(laptop.id, true)).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(
    handlers['admin.token.create']({ roles: ['station'], maxUses: 1, hours: 1, cloud: true }, actor)
  ).rejects.toMatchObject({ code: 'input-invalid' });
});

test('denied: a job that lies on a cloud node is not registered, nor is the receipt of one', async () => {
  await expect(register(node, cloud)).rejects.toEqual(refused);
  const { manifest } = await register(node);
  const say = async () => {
    const receipt = await holdingReceipt(cloud, manifest);
    await cloud.organization.call(`/v1/jobs/${manifest.job}/holders`, { receipt }, none);
  };
  await expect(say()).rejects.toEqual(refused);
  await allow();
  await say();
  await register(node, cloud);
});

test('a rule allows the jobs of one group', async () => {
  const { handlers } = rig.coordinator;
  await handlers['admin.policy.rule.set'](
    { rule: { id: 'away', words: 'who travels', group: travellers, effects: { cloudNodes: 'allow' } } },
    actor
  );
  await expect(register(cloud)).rejects.toEqual(refused);
  await handlers['admin.group.set-members']({ id: travellers, members: [ada] }, actor);
  await register(cloud);
});

test('a cloud node that may not hold the job any more is shown to nobody as a holder, and gets no grant', async () => {
  await allow();
  const job = await register(node, cloud);
  const { session } = await station.organization.call('/v1/sessions', { user: 'Ada', pin: '4711' }, Session);
  const holders = async () => {
    const Jobs = z.object({ jobs: z.array(z.object({ id: z.string(), holders: z.array(z.string()) })) });
    const { jobs } = await station.organization.call('/v1/sessions/jobs', { session }, Jobs);
    return jobs.find(({ id }) => id === job.id)?.holders.sort();
  };
  expect(await holders()).toEqual([node.id, cloud.id].sort());
  const shown = () => rig.coordinator.handlers['admin.job.show']({ id: job.id }, actor);
  await rig.coordinator.handlers['admin.policy.set']({ cloudNodes: 'deny' }, actor);
  expect(await holders()).toEqual([node.id]);
  // An administrator sees where it still lies.
  expect((await shown()).holders.map(({ id }) => id).sort()).toEqual([node.id, cloud.id].sort());
  const claim = (at: TestDevice) =>
    station.organization.call('/v1/grants', { session, job: job.id, printer: hall, node: at.id }, GrantBundle);
  await expect(claim(cloud)).rejects.toEqual(refused);
  const said = { job: job.id, node: cloud.id, reason: 'outside', at: new Date().toISOString() };
  const receipt = await signStatement('erasure', said, { id: cloud.id, key: cloud.identity.signing });
  await cloud.organization.call('/v1/erasures', { receipt }, none);
  expect(await shown()).toMatchObject({
    holders: [{ id: node.id }],
    erasures: [{ node: cloud.id, reason: 'outside', valid: true }]
  });
  await claim(node);
});
