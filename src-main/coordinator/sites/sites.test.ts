import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PolicyRule, PrinterId } from '../../../src-preload/contract/index.ts';
import { decoded } from '../../identity/base64url.ts';
import { sealingKey } from '../../identity/keys.ts';
import { openStatement } from '../../identity/signed-statement.ts';
import { Grant, GrantBundle, Session } from '../../protocol/device-api.ts';
import { Capsule, CapsuleContent, capsuleContext } from '../../protocol/offline.ts';
import { siteOfDevice } from '../../protocol/sites.ts';
import { openMessage } from '../../sealing/aead.ts';
import { openReleaseParts, organizationPart } from '../../sealing/release-parts.ts';
import {
  actor,
  createRig,
  holdingReceipt,
  keyOf,
  printerCertificate,
  type Rig,
  sealJob,
  type TestDevice,
  until
} from '../testing/rig.ts';

const none = z.object({});
let rig: Rig;
/** Of the first site, and of `north`. */
let main: { laptop: TestDevice; node: TestDevice; printer: PrinterId };
let north: { laptop: TestDevice; node: TestDevice; printer: PrinterId };

beforeAll(async () => {
  rig = await createRig();
  await handle('admin.user.add', { name: 'Ada', pin: '4711' });
  await handle('admin.site.create', { id: 'north', name: 'North building' });
  main = await furnished('main');
  north = await furnished('north');
  const { organization } = north.laptop;
  await until(organization, () => organization.directory()?.printers.length === 2);
}, 120_000);
afterAll(() => rig.close());
afterEach(async () => {
  for (const { id } of (await handle('admin.policy.show', {})).rules) await handle('admin.policy.rule.remove', { id });
});

type Handlers = Rig['coordinator']['handlers'];
const handle = <P extends keyof Handlers>(procedure: P, input: Parameters<Handlers[P]>[0]) =>
  rig.coordinator.handlers[procedure](input as never, actor) as ReturnType<Handlers[P]>;
const refused = (code: string, detail: unknown = expect.anything()) => expect.objectContaining({ code, detail });

async function furnished(site: string) {
  const laptop = await rig.pair(`laptop ${site}`, ['client'], 'ada', site);
  const node = await rig.pair(`node ${site}`, ['node'], undefined, site);
  return { laptop, node, printer: await addPrinter(site) };
}
async function addPrinter(site: string): Promise<PrinterId> {
  const uri = `ipps://${site}.example/ipp/print`;
  const { id } = await handle('admin.printer.add', { name: `Printer ${site}`, uri, location: '', site });
  await handle('admin.printer.approve', { id, certificateSha256: printerCertificate, grade: 'ipps-required' });
  return id;
}
function directoryOf({ organization }: TestDevice) {
  const directory = organization.directory();
  if (!directory) throw new Error('no directory');
  return directory;
}
type Change = Parameters<typeof sealJob>[0]['change'];
async function register(place = north, change: Change = {}) {
  const job = await sealJob({ client: place.laptop, nodes: [place.node], now: rig.clock.now(), change });
  await place.laptop.organization.call('/v1/jobs', job.request, none);
  return job;
}
async function claim(job: JobId, from = north, at = from.printer) {
  const { organization } = from.laptop;
  const { session } = await organization.call('/v1/sessions', { user: 'Ada', pin: '4711' }, Session);
  const body = { session, job, printer: at, node: from.node.id };
  const bundle = await organization.call('/v1/grants', body, GrantBundle);
  const publicKey = decoded(from.laptop.identity.enrollment.coordinator.signing);
  const opened = { kind: 'grant', signed: bundle.grant, publicKey, schema: Grant, maxBytes: 4096 } as const;
  return { bundle, grant: openStatement({ ...opened, code: 'grant-invalid' }) };
}
const cancel = (id: JobId) => handle('admin.job.cancel', { id });
const rule = (id: string, rest: Partial<PolicyRule>) =>
  handle('admin.policy.rule.set', { rule: { id, words: `words of ${id}`, effects: {}, ...rest } });
const keysOf = async (site: string) => (await handle('admin.key.list', {})).filter((key) => key.site === site);

describe('a site', () => {
  test('has a name, a key of its own, and what belongs to it', async () => {
    expect(await handle('admin.site.list', {})).toMatchObject([
      { id: 'main', first: true, devices: 2, printers: 1, heldJobs: 0, releaseKeyEpoch: 1 },
      { id: 'north', first: false, devices: 2, printers: 1, heldJobs: 0, releaseKeyEpoch: 2, name: 'North building' }
    ]);
    await expect(handle('admin.site.create', { id: 'north', name: 'Again' })).rejects.toThrow(refused('conflict'));
    expect(await handle('admin.site.rename', { id: 'north', name: 'North' })).toMatchObject({ name: 'North' });
    await expect(handle('admin.site.rename', { id: 'south', name: 'South' })).rejects.toThrow(refused('not-found'));
    const unknown = { roles: ['node' as const], maxUses: 1, hours: 1, cloud: false, site: 'south' };
    await expect(handle('admin.token.create', unknown)).rejects.toThrow(refused('not-found', 'site'));
  });

  test('stands in the directory with its key; the first one also where machines without sites look', async () => {
    const directory = directoryOf(north.laptop);
    expect(directory.sites?.map(({ id }) => id)).toEqual(['main', 'north']);
    expect(directory.sites?.[0]?.releaseKey).toEqual(directory.releaseKey);
    expect(directory.site).toBe('main');
    expect(siteOfDevice(directory, main.node.id)).toBe('main');
    expect(siteOfDevice(directory, north.node.id)).toBe('north');
    expect(directory.devices.find(({ id }) => id === main.node.id)).not.toHaveProperty('site');
    expect(directory.printers.find(({ id }) => id === north.printer)?.site).toBe('north');
  });

  test('goes when nothing belongs to it or names it, with its keys; the first one stays', async () => {
    await handle('admin.site.create', { id: 'south', name: 'South' });
    const remove = () => handle('admin.site.remove', { id: 'south' });
    const stays = (what: string) => expect(remove()).rejects.toThrow(refused('conflict', what));

    const { laptop, node, printer } = await furnished('south');
    const { id } = await register({ laptop, node, printer });
    await rule('south', { site: 'south', effects: { color: 'deny' } });
    const token = await handle('admin.token.create', {
      roles: ['node'],
      maxUses: 1,
      hours: 1,
      cloud: false,
      site: 'south'
    });
    await stays('devices: 2, printers: 1, tokens: 1, heldJobs: 1, rules: 1');
    for (const device of [laptop, node]) await handle('admin.device.move', { id: device.id, site: 'north' });
    await stays('printers: 1, tokens: 1, heldJobs: 1, rules: 1');
    await handle('admin.printer.remove', { id: printer });
    await handle('admin.token.revoke', { id: token.id });
    await handle('admin.policy.rule.remove', { id: 'south' });
    await stays('heldJobs: 1');
    await cancel(id);
    await remove();

    expect((await handle('admin.site.list', {})).map((site) => site.id)).toEqual(['main', 'north']);
    expect((await keysOf('south')).map(({ destroyed, current }) => [destroyed, current])).toEqual([[true, false]]);
    await until(laptop.organization, () => laptop.organization.directory()?.sites?.length === 2);
    await expect(handle('admin.site.remove', { id: 'main' })).rejects.toThrow(
      refused('conflict', 'the first site stays')
    );
    for (const device of [laptop, node]) await handle('admin.device.revoke', { id: device.id });
  });
});

describe('a job', () => {
  test('of a site is counted there, and taken only with its keys', async () => {
    const { id } = await register();
    expect((await handle('admin.site.list', {})).map(({ heldJobs }) => heldJobs)).toEqual([0, 1]);
    await cancel(id);

    const { releaseKey, sites = [] } = directoryOf(north.laptop);
    const foreign = keyOf(releaseKey);
    const policy = (what: string) => refused('policy-refused', what);
    await expect(register(north, { site: 'main', releaseKey: foreign })).rejects.toThrow(policy('site'));
    await expect(register(north, { site: 'nowhere' })).rejects.toThrow(policy('site'));
    await expect(register(north, { releaseKey: foreign })).rejects.toThrow(policy('site of the release key'));
    const own = sites.find((site) => site.id === 'north')?.releaseKey;
    if (!own) throw new Error('no key');
    await expect(register(main, { releaseKey: keyOf(own) })).rejects.toThrow(policy('site of the release key'));
  });

  test('is released at a printer of another site', async () => {
    const job = await register();
    const { grant } = await claim(job.id, north, main.printer);
    expect(grant).toMatchObject({ printer: main.printer, node: north.node.id });
    await north.node.organization.call(`/v1/grants/${grant.id}/start`, {}, none);
    await north.node.organization.call(`/v1/grants/${grant.id}/outcome`, { result: 'completed' }, none);
    expect(await handle('admin.job.show', { id: job.id })).toMatchObject({ state: 'completed' });
  });

  test('is placed on nodes of its site only', async () => {
    for (const place of [main, north]) {
      const url = 'https://127.0.0.1:1';
      place.node.organization.announce(url);
      await until(place.node.organization, () => place.node.organization.device(place.node.id)?.url === url);
    }
    const job = await register();
    const { why } = await handle('admin.job.show', { id: job.id });
    expect(why.map(({ node, chosen }) => [node, chosen])).toEqual([[north.node.id, true]]);
    await cancel(job.id);
  });
});

describe('a rule for a site', () => {
  test('means the machine that prints, until a printer is chosen', async () => {
    await rule('short', { site: 'north', effects: { holdHours: 1 } });
    await expect(register(north)).rejects.toThrow(refused('policy-refused', expect.stringContaining('rule short')));
    await cancel((await register(main)).id);
    const explained = async (site?: string) =>
      (await handle('admin.policy.explain', { user: 'Ada', site })).decisions.find(
        ({ effect }) => effect === 'holdHours'
      );
    expect(await explained('north')).toMatchObject({ rule: 'short' });
    expect(await explained()).toMatchObject({ rule: 'settings' });
    await expect(rule('nowhere', { site: 'nowhere', effects: { holdHours: 1 } })).rejects.toThrow(refused('not-found'));
  });

  test('means the printer, once one is chosen: when it is granted, and once more when it begins', async () => {
    await rule('closed', { site: 'north', effects: { print: 'deny' } });
    const job = await register(north); // it may be printed at the other site
    await expect(claim(job.id, north, north.printer)).rejects.toThrow(
      refused('policy-refused', expect.stringContaining('rule closed'))
    );
    const { grant } = await claim(job.id, north, main.printer);
    await handle('admin.policy.rule.remove', { id: 'closed' });
    await rule('closed-too', { site: 'main', effects: { print: 'deny' } });
    const start = () => north.node.organization.call(`/v1/grants/${grant.id}/start`, {}, none);
    await expect(start()).rejects.toThrow(refused('policy-refused', expect.stringContaining('rule closed-too')));
    // The printer is moved, and the rule of its new site counts.
    await handle('admin.printer.move', { id: main.printer, site: 'north' });
    await start();
    await handle('admin.printer.move', { id: main.printer, site: 'main' });
    await north.node.organization.call(`/v1/grants/${grant.id}/outcome`, { result: 'completed' }, none);
  });
});

describe('a machine that is moved', () => {
  test('seals for its new site; what it sealed before is still taken, and nothing that it sealed since', async () => {
    const laptop = await rig.pair('moving', ['client'], 'ada', 'north');
    const { organization } = laptop;
    const place = { laptop, node: north.node, printer: north.printer };
    await until(organization, () => organization.device(north.node.id) !== undefined);
    const own = directoryOf(laptop).sites?.find(({ id }) => id === 'north')?.releaseKey;
    if (!own) throw new Error('no key');
    const before = await sealJob({ client: laptop, nodes: [north.node], now: rig.clock.now() });

    expect(await handle('admin.device.move', { id: laptop.id, site: 'main' })).toMatchObject({ site: 'main' });
    await until(organization, () => organization.device(laptop.id)?.site === undefined);
    const moved = await register({ ...place, node: main.node });
    expect(moved.manifest.site).toBe('main');
    await organization.call('/v1/jobs', before.request, none);
    rig.clock.advance(600_000);
    const old = { site: 'north', releaseKey: keyOf(own) };
    await expect(register(place, old)).rejects.toThrow(refused('policy-refused', 'site'));
    for (const { id } of [before, moved]) await cancel(id);
    await handle('admin.device.revoke', { id: laptop.id });
  });

  test('says so in the log, once', async () => {
    await handle('admin.device.move', { id: north.node.id, site: 'north' });
    const rows = await handle('admin.audit.list', { after: 0, limit: 1000 });
    const moves = rows.filter(({ action }) => action === 'device.moved' || action === 'printer.moved');
    expect(moves.filter(({ subject }) => subject === north.node.id)).toEqual([]);
    expect(moves.filter(({ subject }) => subject === main.printer).map(({ detail }) => detail)).toEqual([
      { from: 'main', to: 'north' },
      { from: 'north', to: 'main' }
    ]);
  });
});

describe('release keys', () => {
  test('are made anew for one site or for all, and counted through', async () => {
    const [first] = await keysOf('main');
    const last = Math.max(...(await handle('admin.key.list', {})).map(({ epoch }) => epoch));
    expect(await handle('admin.key.rotate', { site: 'north' })).toEqual({
      ...{ epoch: last + 1, keys: [{ epoch: last + 1, site: 'north' }] }
    });
    expect((await keysOf('main')).map(({ epoch, current }) => [epoch, current])).toEqual([[first?.epoch, true]]);
    const { keys } = await handle('admin.key.rotate', {});
    expect(keys).toEqual([
      { epoch: last + 2, site: 'main' },
      { epoch: last + 3, site: 'north' }
    ]);
    await expect(handle('admin.key.rotate', { site: 'south' })).rejects.toThrow(refused('not-found'));
    const { organization } = north.laptop;
    await until(organization, () => organization.directory()?.releaseKey.epoch === last + 2);
    const job = await register();
    expect(job.manifest.releaseKeyEpoch).toBe(last + 3);
    await cancel(job.id);
  });

  test('that are destroyed have a successor at their site', async () => {
    const current = (await keysOf('north')).find((key) => key.current);
    await handle('admin.key.destroy', { epoch: current?.epoch ?? 0 });
    const after = (await keysOf('north')).find((key) => key.current);
    expect(after?.epoch).toBeGreaterThan(current?.epoch ?? 0);
    const { organization } = north.laptop;
    await until(organization, () => keyAt(organization)?.epoch === after?.epoch);
    await cancel((await register()).id);
  });

  test('of all sites lie under a new master key', async () => {
    const left = (await handle('admin.key.list', {})).filter(({ destroyed }) => !destroyed);
    expect(await handle('admin.key.rotate-master', {})).toEqual({ releaseKeys: left.length });
    const job = await register();
    await claim(job.id);
    await cancel(job.id);
  });

  const keyAt = (organization: TestDevice['organization']) =>
    organization.directory()?.sites?.find(({ id }) => id === 'north')?.releaseKey;
});

describe('stations that stand in for the coordinator', () => {
  const contentOf = async ({ identity, organization }: TestDevice): Promise<CapsuleContent> => {
    const { key, content } = await organization.call('/v1/offline/capsule', {}, Capsule);
    const context = capsuleContext(identity.id);
    const plain = openMessage(await identity.sealing.open(key, context), decoded(content), context.aad);
    return CapsuleContent.parse(JSON.parse(Buffer.from(plain).toString('utf8')));
  };
  const offlineEpochs = ({ organization }: TestDevice) =>
    organization.directory()?.sites?.map(({ offlineKey }) => offlineKey?.epoch);

  test('have the keys of their own site, which open no job of another', async () => {
    const job = await register();
    const { laptop } = north;
    await handle('admin.policy.set', { offlineHours: 1 });
    await until(laptop.organization, () => offlineEpochs(laptop)?.every((epoch) => epoch !== undefined) === true);
    const [here, there] = [
      await rig.pair('kiosk main', ['station'], undefined, 'main'),
      await rig.pair('kiosk north', ['station'], undefined, 'north')
    ];
    const [own, other] = [await contentOf(there), await contentOf(here)];
    expect(own.releaseKeys.map(({ epoch }) => epoch)).toContain(job.manifest.releaseKeyEpoch);
    for (const [content, site] of [
      [own, 'north'],
      [other, 'main']
    ] as const) {
      const epochs = (await keysOf(site)).map(({ epoch }) => epoch);
      for (const { epoch } of content.releaseKeys) expect(epochs).toContain(epoch);
    }
    expect(own.offlineKeys).toHaveLength(1);
    expect(other.offlineKeys.map(({ epoch }) => epoch)).not.toEqual(own.offlineKeys.map(({ epoch }) => epoch));

    const { bundle, grant } = await claim(job.id);
    const { id, identity } = north.node;
    const parts = await openReleaseParts(bundle.parts, {
      job: job.id,
      grant: grant.id,
      node: { id, key: identity.sealing }
    });
    const withKeys = ({ releaseKeys }: CapsuleContent) =>
      Promise.all(
        releaseKeys.map(async ({ privateKey }) => organizationPart(sealingKey(decoded(privateKey)), job.manifest))
      );
    expect(await withKeys(own)).toContainEqual(parts.organizationPart);
    expect(await withKeys(other)).not.toContainEqual(parts.organizationPart);

    // Another site's offline key is refused, and a lost station costs its own site a new one.
    const [mainKey, northKey] = offlineEpochs(laptop) ?? [];
    const sites = laptop.organization.directory()?.sites ?? [];
    const foreign = sites[0]?.offlineKey;
    if (!foreign) throw new Error('no key');
    await expect(register(north, { offlineKey: keyOf(foreign) })).rejects.toThrow(
      refused('policy-refused', 'site of the offline key')
    );
    await handle('admin.device.revoke', { id: there.id });
    await until(laptop.organization, () => offlineEpochs(laptop)?.[1] !== northKey);
    expect(offlineEpochs(laptop)?.[0]).toBe(mainKey);
    // So does one that stands elsewhere now.
    await handle('admin.device.move', { id: here.id, site: 'north' });
    await until(laptop.organization, () => offlineEpochs(laptop)?.[0] !== mainKey);
    expect((await contentOf(here)).offlineKeys.map(({ epoch }) => epoch)).not.toContain(mainKey);
  });
});

test('a receipt of a node of another site counts: what it holds, for whatever reason, must be erased there', async () => {
  const job = await register();
  const node = await rig.pair('late', ['node'], undefined, 'main');
  await until(node.organization, () => node.organization.device(node.id) !== undefined);
  const receipt = await holdingReceipt(node, job.manifest);
  await node.organization.call(`/v1/jobs/${job.id}/holders`, { receipt }, none);
  expect((await handle('admin.job.show', { id: job.id })).holders.map(({ id }) => id)).toContain(node.id);
  await cancel(job.id);
});
