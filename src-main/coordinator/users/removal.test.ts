import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PrinterId, UserId } from '../../../src-preload/contract/index.ts';
import { Grant, GrantBundle, Session } from '../../protocol/device-api.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from '../testing/rig.ts';

const none = z.object({});
const pin = '4711';
let rig: Rig;
let station: TestDevice;
let node: TestDevice;
let printer: PrinterId;

beforeAll(async () => {
  rig = await createRig();
  const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
  printer = (await handlers()['admin.printer.add'](address, actor)).id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers()['admin.printer.approve'](approval, actor);
  station = await rig.pair('station', ['station']);
  node = await rig.pair('node', ['node']);
}, 120_000);
afterAll(() => rig?.close());

const handlers = () => rig.coordinator.handlers;
const refused = (code: string) => expect.objectContaining({ code });
const stateOf = async (id: JobId) => (await handlers()['admin.job.show']({ id }, actor)).state;

/** Somebody with a machine of their own, and how they print. */
async function person(name: string) {
  const { id } = await handlers()['admin.user.add']({ name, pin }, actor);
  const laptop = await rig.pair(`${name}’s laptop`, ['client'], name);
  await until(laptop.organization, () => laptop.organization.device(node.id) !== undefined);
  await until(node.organization, () => node.organization.device(laptop.id) !== undefined);
  const print = async () => {
    const job = await sealJob({ client: laptop, nodes: [node], now: rig.clock.now() });
    await laptop.organization.call('/v1/jobs', job.request, none);
    return job.id;
  };
  return { id, print };
}
async function release(user: string, job: JobId) {
  const { session } = await station.organization.call('/v1/sessions', { user, pin }, Session);
  const { grant } = await station.organization.call(
    '/v1/grants',
    { session, job, printer, node: node.id },
    GrantBundle
  );
  return Grant.parse(JSON.parse(Buffer.from(grant.payload, 'base64url').toString())).id;
}
const says = (grant: string, what: string, body: object = {}) =>
  node.organization.call(`/v1/grants/${grant}/${what}`, body, none);

describe('an account that ends', () => {
  test('takes what waits with it: canceled, and ordered erased', async () => {
    const ada = await person('Ada');
    const waiting = await ada.print();
    const claimed = await ada.print();
    const grant = await release('Ada', claimed);
    await handlers()['admin.user.remove']({ id: ada.id }, actor);

    expect(await Promise.all([waiting, claimed].map(stateOf))).toEqual(['canceled', 'canceled']);
    await expect(says(grant, 'start')).rejects.toEqual(refused('not-allowed'));
    const rows = await handlers()['admin.audit.list']({ after: 0, limit: 1000 }, actor);
    for (const job of [waiting, claimed])
      expect(rows.filter(({ subject }) => subject === job).map(({ action }) => action)).toEqual(
        expect.arrayContaining(['job.canceled', 'job-part.destroyed'])
      );
    await expect(station.organization.call('/v1/sessions', { user: 'Ada', pin }, Session)).rejects.toEqual(
      refused('pin-wrong')
    );
    await expect(handlers()['admin.user.remove']({ id: ada.id }, actor)).rejects.toEqual(refused('not-found'));
  });

  test('lets a job that is being printed come to its end; should it fail, it is gone too', async () => {
    const bea = await person('Bea');
    const [printed, failed, doubtful] = [await bea.print(), await bea.print(), await bea.print()];
    const grants = new Map<JobId, string>();
    for (const job of [printed, failed, doubtful]) {
      const grant = await release('Bea', job);
      await says(grant, 'start');
      grants.set(job, grant);
    }
    await handlers()['admin.user.remove']({ id: bea.id }, actor);
    expect(await stateOf(failed)).toBe('printing');
    for (const [job, result] of [
      [printed, 'completed'],
      [failed, 'failed'],
      [doubtful, 'uncertain']
    ] as const)
      await says(grants.get(job) ?? '', 'outcome', { result });
    expect(await Promise.all([printed, failed, doubtful].map(stateOf))).toEqual(['completed', 'canceled', 'canceled']);
  });
});

test('who is suspended keeps their jobs, and nobody releases them until it is undone', async () => {
  const cyd = await person('Cyd');
  const job = await cyd.print();
  const { session } = await station.organization.call('/v1/sessions', { user: 'Cyd', pin }, Session);
  const suspend = (suspended: boolean, id: UserId = cyd.id) =>
    handlers()['admin.user.suspend']({ id, suspended }, actor);
  await suspend(true);
  const body = { session, job, printer, node: node.id };
  await expect(station.organization.call('/v1/grants', body, GrantBundle)).rejects.toEqual(refused('session-expired'));
  await expect(release('Cyd', job)).rejects.toEqual(refused('pin-wrong'));
  expect(await stateOf(job)).toBe('held');
  await suspend(false);
  await release('Cyd', job);
});
