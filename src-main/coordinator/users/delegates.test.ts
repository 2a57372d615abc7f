import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, Output, PrinterId, UserId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { type ApprovalRequest, Grant, GrantBundle, Session, SessionJob } from '../../protocol/device-api.ts';
import { openMetadata, openMetadataKey } from '../../sealing/metadata.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from '../testing/rig.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';

const none = z.object({});
const pin = '4711';
const day = 24 * 3600 * 1000;
let rig: Rig;
let laptop: TestDevice;
let bobsLaptop: TestDevice;
let station: TestDevice;
let node: TestDevice;
let printer: PrinterId;
let ada: UserId;
let bob: UserId;
let adas: TestBrowser;

beforeAll(async () => {
  rig = await createRig();
  ada = (await handlers()['admin.user.add']({ name: 'Ada', pin }, actor)).id;
  bob = (await handlers()['admin.user.add']({ name: 'Bob', pin }, actor)).id;
  const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
  printer = (await handlers()['admin.printer.add'](address, actor)).id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers()['admin.printer.approve'](approval, actor);
  laptop = await rig.pair('laptop', ['client'], 'Ada');
  bobsLaptop = await rig.pair('other laptop', ['client'], 'Bob');
  station = await rig.pair('station', ['station']);
  node = await rig.pair('node', ['node']);
  await until(laptop.organization, () => laptop.organization.device(node.id) !== undefined);
  adas = await portal('Ada');
}, 120_000);
afterAll(() => rig?.close());
beforeEach(() => name('Bob'));

const handlers = () => rig.coordinator.handlers;
const refused = (code: string) => expect.objectContaining({ code });
const inDays = (days: number) => isoTime(rig.clock.now() + days * day);
async function portal(user: string): Promise<TestBrowser> {
  const browser = await openBrowser(rig);
  await browser.rpc('session.user-sign-in', { user, pin });
  return browser;
}
const name = (user: string, until = inDays(7)) => adas.rpc('portal.delegate.add', { name: user, until });
async function print(custody: 'standard' | 'strict' = 'standard') {
  const job = await sealJob({ client: laptop, nodes: [node], now: rig.clock.now(), change: { custody } });
  await laptop.organization.call('/v1/jobs', job.request, none);
  return job;
}
const signIn = async (user: string, at = station) =>
  (await at.organization.call('/v1/sessions', { user, pin }, Session)).session;
async function jobsOf(user: string, at = station) {
  const body = { session: await signIn(user, at) };
  return (await at.organization.call('/v1/sessions/jobs', body, z.object({ jobs: z.array(SessionJob) }))).jobs;
}
async function release(user: string, job: JobId, at = station): Promise<Grant> {
  const body = { session: await signIn(user, at), job, printer, node: node.id };
  const { grant } = await at.organization.call('/v1/grants', body, GrantBundle);
  return Grant.parse(JSON.parse(Buffer.from(grant.payload, 'base64url').toString()));
}
const start = (grant: Grant) => node.organization.call(`/v1/grants/${grant.id}/start`, {}, none);
const rowsOf = async (action: string, subject: string) =>
  (await handlers()['admin.audit.list']({ after: 0, limit: 1000 }, actor)).filter(
    (row) => row.action === action && row.subject === subject
  );

describe('a delegate', () => {
  test('sees the owner’s jobs apart from their own, can read their titles at the station, and releases them', async () => {
    const { id, manifest, metadata } = await print();
    const listed = (await jobsOf('Bob')).find((job) => job.id === id);
    expect(listed).toMatchObject({ owner: 'Ada' });
    expect((await jobsOf('Ada')).find((job) => job.id === id)?.owner).toBeUndefined();
    if (!listed?.metadataKey) throw new Error('no key');
    const reader = { id: station.id, key: station.identity.sealing };
    const key = await openMetadataKey(listed.metadataKey, { job: id, reader });
    expect(openMetadata(metadata, key, manifest).title).toBe('Offer to the Ministry');

    const grant = await release('Bob', id);
    await start(grant);
    const [row] = await rowsOf('grant.issued', grant.id);
    expect(row).toMatchObject({ actor: `user:${bob}`, detail: { job: id, owner: ada } });
  });

  test('does nothing else for the owner: no cancel, no portal, not on a computer', async () => {
    const { id } = await print();
    const session = await signIn('Bob');
    await expect(station.organization.call(`/v1/jobs/${id}/cancel`, { session }, none)).rejects.toEqual(
      refused('not-allowed')
    );
    const bobs = await portal('Bob');
    expect((await bobs.rpc<unknown[]>('portal.job.list')).value).toEqual([]);
    expect((await bobs.rpc('portal.delegate.remove', { user: ada })).code).toBe('not-found');
    expect((await bobs.rpc<Output<'portal.delegate.list'>>('portal.delegate.list')).value).toMatchObject({
      mine: [],
      forMe: [{ user: ada, name: 'Ada' }]
    });
    expect(await jobsOf('Bob', bobsLaptop)).toEqual([]);
    await expect(release('Bob', id, bobsLaptop)).rejects.toEqual(refused('not-allowed'));
  });

  test('is none any more at once: withdrawn, over, forbidden, or the owner suspended', async () => {
    const suspend = (suspended: boolean) => handlers()['admin.user.suspend']({ id: ada, suspended }, actor);
    const rules = (delegates: boolean) => handlers()['admin.user.set-rules']({ delegates }, actor);
    const { id } = await print();
    const ends: [string, () => unknown, () => unknown][] = [
      ['withdrawn', () => adas.rpc('portal.delegate.remove', { user: bob }), () => {}],
      ['forbidden', () => rules(false), () => rules(true)],
      ['suspended', () => suspend(true), () => suspend(false)],
      ['over', () => rig.clock.advance(8 * 3600 * 1000), () => {}]
    ];
    for (const [why, end, undo] of ends) {
      adas = await portal('Ada');
      await name('Bob', isoTime(rig.clock.now() + 4 * 3600 * 1000));
      const grant = await release('Bob', id);
      await end();
      await expect(start(grant), why).rejects.toEqual(refused('not-allowed'));
      expect(await jobsOf('Bob'), why).toEqual([]);
      rig.clock.advance(31_000);
      await expect(release('Bob', id), why).rejects.toEqual(refused('not-allowed'));
      await undo();
    }
    adas = await portal('Ada');
  });

  test('who stands at the station is signed out there when it is withdrawn', async () => {
    await print();
    const session = await signIn('Bob');
    await adas.rpc('portal.delegate.remove', { user: bob });
    await expect(station.organization.call('/v1/sessions/jobs', { session }, none)).rejects.toEqual(
      refused('session-expired')
    );
    expect(await rowsOf('delegate.removed', ada)).not.toEqual([]);
  });

  test('of a job in strict custody waits for the owner’s own word, and the owner learns who asks', async () => {
    const { id } = await print('strict');
    expect((await jobsOf('Bob')).find((job) => job.id === id)).toMatchObject({ metadataKey: null, custody: 'strict' });
    const asked = new Promise<ApprovalRequest>((resolve) => {
      const off = laptop.organization.onApprovals(([request]) => {
        if (!request) return;
        queueMicrotask(() => off());
        resolve(request);
      });
    });
    const granted = release('Bob', id);
    granted.catch(() => {});
    const request = await asked;
    expect(request).toMatchObject({ job: id, delegate: 'Bob', requestedBy: station.id });
    await laptop.organization.call(`/v1/approvals/${request.id}`, { jobPart: null }, none);
    await expect(granted).rejects.toEqual(refused('approval-declined'));
    expect(await rowsOf('release.asked', id)).toMatchObject([{ actor: `user:${bob}`, detail: { owner: ada } }]);
  });

  test('is somebody else who is known, for a bounded time, where it is allowed', async () => {
    const cases: [string, string, string][] = [
      ['Nobody', inDays(1), 'not-found'],
      ['ada', inDays(1), 'input-invalid'],
      ['Bob', inDays(-1), 'input-invalid'],
      ['Bob', inDays(400), 'input-invalid']
    ];
    for (const [who, end, code] of cases) expect((await name(who, end)).code, `${who} ${end}`).toBe(code);
    await handlers()['admin.user.set-rules']({ delegates: false }, actor);
    expect((await name('Bob')).code).toBe('policy-refused');
    await handlers()['admin.user.set-rules']({ delegates: true }, actor);
  });
});
