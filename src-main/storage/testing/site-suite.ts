import { expect } from 'vitest';
import type { DeviceRecord, PrinterRecord, Tables } from '../../coordinator/store.ts';

/** Sites and what belongs to them: what every database does alike. `device`, `printer`: in the database, at the site `main`. */
export async function checkSiteTables(
  tables: Tables,
  { device, printer }: { readonly device: DeviceRecord; readonly printer: PrinterRecord }
): Promise<void> {
  const { sites, devices, printers, releaseKeys, offlineKeys } = tables;
  const north = { id: 'north-1', name: 'Größe “Nord”', created: 7 };
  expect(await sites.insert(north)).toBe(true);
  expect(await sites.insert({ ...north, name: 'other' })).toBe(false);
  for (const id of ['north', 'a', 'north-10']) await sites.insert({ ...north, id });
  expect((await sites.list()).map(({ id }) => id)).toEqual(['a', 'north', 'north-1', 'north-10']);
  expect(await sites.get(north.id)).toEqual(north);
  await sites.rename(north.id, 'North');
  expect(await sites.get(north.id)).toMatchObject({ name: 'North', created: 7 });
  await sites.remove('a');
  expect(await sites.get('a')).toBeUndefined();

  await devices.move(device.id, north.id, 5);
  expect(await devices.get(device.id)).toEqual({ ...device, site: north.id, movedFrom: 'main', moved: 5 });
  await devices.move(device.id, 'main', 6);
  expect(await devices.get(device.id)).toEqual({ ...device, site: 'main', movedFrom: north.id, moved: 6 });
  await printers.move(printer.id, north.id);
  expect(await printers.get(printer.id)).toEqual({ ...printer, site: north.id });

  const key = { publicKey: 'p', created: 1, site: north.id };
  await releaseKeys.insert({ ...key, epoch: 4, destroyed: null }, new Uint8Array([1]));
  await offlineKeys.insert({ ...key, epoch: 3, wrapped: null, retired: null });
  expect(await releaseKeys.list()).toEqual([{ ...key, epoch: 4, destroyed: null }]);
  expect(await offlineKeys.list()).toEqual([{ ...key, epoch: 3, wrapped: null, retired: null }]);
}
