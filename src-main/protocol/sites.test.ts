import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeviceId, PrinterId } from '../../src-preload/contract/index.ts';
import { Directory } from './directory.ts';
import { ownDecisions, ownRefusal } from './own-policy.ts';
import { keysOf, siteName, siteOfDevice, siteOfPrinter } from './sites.ts';

const [laptop, kiosk] = [randomUUID() as DeviceId, randomUUID() as DeviceId];
const [hall, safe] = [randomUUID() as PrinterId, randomUUID() as PrinterId];
const key = (letter: string) => letter.repeat(43);

/** As every coordinator before sites signed it. */
const old = {
  ...{ version: 3, issued: '2026-01-01T00:00:00.000Z', site: 'main' },
  organization: { id: randomUUID(), name: 'Old' },
  coordinator: { id: randomUUID(), signing: key('a'), sealing: key('b') },
  releaseKey: { epoch: 2, publicKey: key('c') },
  policy: { replicas: 2, holdHours: 24, deliveryGrade: 'ipps-required' },
  devices: [laptop, kiosk].map((id) => ({
    ...{ id, name: 'n', roles: ['client'], status: 'approved', signing: key('d'), sealing: key('e') },
    ...{ url: null, owner: null, ownerName: null }
  })),
  printers: [hall, safe].map((id) => ({
    ...{ id, name: 'p', location: '', uri: 'ipps://p', grade: 'ipps-required', certificateSha256: null }
  }))
};

test('a directory from before sites is of one site, with its keys', () => {
  const directory = Directory.parse(old);
  expect([siteOfDevice(directory, laptop), siteOfPrinter(directory, hall)]).toEqual(['main', 'main']);
  expect(keysOf(directory, 'main')).toEqual({ releaseKey: old.releaseKey });
  expect(keysOf(directory, 'north')).toBeUndefined();
  expect(siteName(directory, undefined)).toBeUndefined();
  expect(ownDecisions(directory, laptop, null).holdHours.value).toBe(24);
});

test('with sites each machine and printer is of the one that is written beside it, or of the first', () => {
  const [main, north] = [
    { id: 'main', name: 'Main', releaseKey: old.releaseKey },
    {
      id: 'north',
      name: 'North',
      releaseKey: { epoch: 3, publicKey: key('f') },
      offlineKey: { epoch: 1, publicKey: key('g') }
    }
  ];
  const rule = (id: string, site: string, effects: object) => ({ id, words: id, site, effects });
  const list = [rule('short', 'north', { holdHours: 1 }), rule('closed', 'main', { print: 'deny' })];
  const at = <Of extends { id: string }>(of: readonly Of[], id: string) =>
    of.map((one) => (one.id === id ? { ...one, site: 'north' } : one));
  const directory = Directory.parse({
    ...{ ...old, sites: [main, north], rules: { version: 1, list } },
    ...{ devices: at(old.devices, kiosk), printers: at(old.printers, safe) }
  });
  expect([laptop, kiosk].map((id) => siteOfDevice(directory, id))).toEqual(['main', 'north']);
  expect([hall, safe].map((id) => siteOfPrinter(directory, id))).toEqual(['main', 'north']);
  expect(keysOf(directory, 'north')).toMatchObject({ releaseKey: { epoch: 3 }, offlineKey: { epoch: 1 } });
  expect([siteName(directory, undefined), siteName(directory, 'north')]).toEqual(['Main', 'North']);

  expect([laptop, kiosk].map((id) => ownDecisions(directory, id, null).holdHours.value)).toEqual([24, 1]);
  expect(ownRefusal(directory, laptop)).toBeNull(); // it may print at the other site
  const alone = { ...directory, printers: directory.printers.filter(({ id }) => id === hall) };
  expect(ownRefusal(alone, kiosk)).toMatchObject({ reason: { rule: 'closed' } });
});
