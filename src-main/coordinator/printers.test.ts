import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { PrinterId, UserId } from '../../src-preload/contract/index.ts';
import { limits } from '../base/limits.ts';
import { Session } from '../protocol/device-api.ts';
import type { DirectoryPrinter } from '../protocol/directory.ts';
import {
  actor,
  createRig,
  printerCertificate,
  type Rig,
  sealJob,
  type TestDevice,
  until,
  words
} from './testing/rig.ts';

const none = z.object({});
let rig: Rig;
let client: TestDevice;
let node: TestDevice;
let printer: PrinterId;
let ada: UserId;
let bob: UserId;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  ada = (await handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor)).id;
  bob = (await handlers['admin.user.add']({ name: 'Bob', pin: '7304' }, actor)).id;
  client = await rig.pair('laptop', ['client'], 'ada');
  node = await rig.pair('node', ['node']);
  printer = (
    await handlers['admin.printer.add']({ name: 'Hall', uri: 'ipps://hall.example/ipp/print', location: '' }, actor)
  ).id;
}, 60_000);
afterAll(() => rig.close());

const seen = (): DirectoryPrinter | undefined =>
  client.organization.directory()?.printers.find(({ id }) => id === printer);
const report = (capabilities: string, by = node) =>
  by.organization.call(`/v1/printers/${printer}/capabilities`, { capabilities }, none);

describe('what a printer can do', () => {
  test('is asked when it is approved, and pushed to those who print', async () => {
    const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
    await expect(rig.coordinator.handlers['admin.printer.refresh']({ id: printer }, actor)).rejects.toMatchObject({
      code: 'printer-not-approved'
    });
    await rig.coordinator.handlers['admin.printer.approve'](approval, actor);
    await until(client.organization, () => seen()?.capabilities === words('prints PDF'));
  });

  test('is asked again by an administrator, and reported by the node that prints', async () => {
    rig.printer.capabilities = words('prints PDF and staples');
    await rig.coordinator.handlers['admin.printer.refresh']({ id: printer }, actor);
    await until(client.organization, () => seen()?.capabilities === rig.printer.capabilities);
    await report(words('lost its stapler'));
    await until(client.organization, () => seen()?.capabilities === words('lost its stapler'));
  });

  test('does not flicker: of a node that changes its mind every second, one report a minute counts', async () => {
    const version = client.organization.directory()?.version;
    await report(words('has a stapler'));
    await report(words('has none'));
    expect(client.organization.directory()?.version).toBe(version);
    rig.clock.advance(limits.capabilitiesSeconds * 1000);
    await report(words('has a stapler'));
    await until(client.organization, () => seen()?.capabilities === words('has a stapler'));
  });

  test('is bounded, well-formed, and no business of a client', async () => {
    await expect(report(words('x'.repeat(limits.capabilities + 1)))).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(report('not base64url!')).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(report(words('I am a client'), client)).rejects.toMatchObject({ code: 'not-allowed' });
  });
});

describe('many printers that say much', () => {
  test('do not make the directory too long for those who must read it', async () => {
    const { handlers } = rig.coordinator;
    const room = Math.floor(limits.directoryCapabilities / limits.capabilities);
    rig.printer.capabilities = 'A'.repeat(limits.capabilities);
    for (let index = 0; index < room + 2; index++) {
      const uri = `ipps://printer-${index}.example/ipp/print`;
      const { id } = await handlers['admin.printer.add']({ name: `Printer ${index}`, uri, location: '' }, actor);
      const approval = { id, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
      await handlers['admin.printer.approve'](approval, actor);
      await handlers['admin.printer.refresh']({ id }, actor);
    }
    const listed = () => client.organization.directory()?.printers ?? [];
    await until(client.organization, () => listed().length === room + 3);
    const long = listed().filter(({ capabilities }) => capabilities === rig.printer.capabilities);
    expect(long).toHaveLength(room);
    expect(seen()?.capabilities).toBe(words('has a stapler')); // whoever says little has room
  });
});

describe('a shared printer of a node', () => {
  const signIn = () => node.organization.call('/v1/sessions', { user: 'Bob', pin: '7304' }, Session);

  test('is off until the policy allows it: no user signs in there', async () => {
    await expect(signIn()).rejects.toMatchObject({ code: 'not-allowed' });
  });

  test('takes jobs of the user who signed in there, and of nobody else', async () => {
    await rig.coordinator.handlers['admin.policy.set']({ sharedPrinters: true }, actor);
    await until(node.organization, () => node.organization.directory()?.policy.sharedPrinters === true);
    const { session } = await signIn();
    const terms = { client: node, nodes: [node], now: rig.clock.now() };
    const mine = await sealJob({ ...terms, change: { owner: bob } });
    await node.organization.call('/v1/jobs', { ...mine.request, session }, none);

    const foreign = await sealJob({ ...terms, change: { owner: ada } });
    const unsaid = await sealJob({ ...terms, change: { owner: bob } });
    const register = (body: object, by = node) => by.organization.call('/v1/jobs', body, none);
    await expect(register({ ...foreign.request, session })).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(register(unsaid.request)).rejects.toMatchObject({ code: 'no-owner' });
    const elsewhere = await sealJob({ ...terms, client, change: { owner: bob } });
    await expect(register({ ...elsewhere.request, session }, client)).rejects.toMatchObject({
      code: 'session-expired'
    });
  });
});
