import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, Output } from '../../../src-preload/contract/index.ts';
import { actor, createRig, type Rig, sealJob, type TestDevice, until } from '../testing/rig.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';

const pin = '271828';
let rig: Rig;
let client: TestDevice;
let node: TestDevice;
let ada: TestBrowser;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
  await handlers['admin.user.add']({ name: 'Bob', pin: '3141' }, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  node = await rig.pair('node', ['node']);
  await until(client.organization, () => client.organization.device(node.id) !== undefined);
  ada = await signedIn('Ada', pin);
}, 120_000);
afterAll(() => rig.close());

async function signedIn(user: string, code: string): Promise<TestBrowser> {
  const browser = await openBrowser(rig);
  const { value } = await browser.rpc<{ csrf: string }>('session.user-sign-in', { user, pin: code });
  browser.csrf = value.csrf;
  return browser;
}
async function printed(): Promise<JobId> {
  const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, z.object({}));
  return job.manifest.job;
}
const jobsOf = async (browser: TestBrowser) => (await browser.rpc<Output<'portal.job.list'>>('portal.job.list')).value;

describe('the portal', () => {
  test('shows people what is theirs and nothing of others', async () => {
    const id = await printed();
    expect(await jobsOf(ada)).toEqual([expect.objectContaining({ id, state: 'held', reachable: true })]);
    const devices = (await ada.rpc<Output<'portal.device.list'>>('portal.device.list')).value;
    expect(devices.map(({ name }) => name)).toEqual(['laptop']);

    const bob = await signedIn('Bob', '3141');
    expect(await jobsOf(bob)).toEqual([]);
    expect((await bob.rpc('portal.job.cancel', { id })).code).toBe('not-allowed');
    expect((await bob.rpc<unknown[]>('portal.device.list')).value).toEqual([]);
  });

  test('cancels a job for its owner; the day counts it', async () => {
    const id = await printed();
    expect((await ada.rpc('portal.job.cancel', { id })).status).toBe(200);
    expect((await jobsOf(ada)).map((job) => job.id)).not.toContain(id);
    const days = await rig.coordinator.handlers['admin.report.daily']({ days: 3 }, actor);
    const today = new Date(rig.clock.now()).toISOString().slice(0, 10);
    expect(days).toHaveLength(3);
    expect(days[2]).toEqual({ day: today, printed: 0, erased: 0, canceled: 1 });
  });

  test('changes a PIN only for who knows the present one, and signs out everywhere else', async () => {
    const elsewhere = await signedIn('Ada', pin);
    expect((await ada.rpc('portal.pin.set', { pin: '1111', newPin: '161803' })).code).toBe('pin-wrong');
    expect((await ada.rpc('portal.pin.set', { pin, newPin: '161803' })).status).toBe(200);
    expect((await elsewhere.rpc('portal.job.list')).code).toBe('session-expired');
    expect(await jobsOf(ada)).toHaveLength(1);
    await signedIn('Ada', '161803');
  });

  test('is not for administrators', async () => {
    const admin = await openBrowser(rig);
    await admin.signIn();
    for (const name of ['portal.job.list', 'portal.device.list', 'portal.pin.set', 'portal.job.cancel'])
      expect((await admin.rpc(name)).code, name).toBe('not-allowed');
  });
});
