import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parsePmset, parseWin32Battery, powerReader, readSysfs } from './power.ts';

async function sysfs(supplies: Record<string, Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'letterlock-power-'));
  for (const [name, files] of Object.entries(supplies)) {
    await mkdir(join(root, name));
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), `${text}\n`);
  }
  return root;
}

const battery = (status: string, capacity: number) => ({ type: 'Battery', status, capacity: String(capacity) });
it.each([
  ['a server', {}, { power: 'mains' }],
  [
    'a laptop on its battery',
    { BAT0: battery('Discharging', 41), AC: { type: 'Mains', online: '0' } },
    { power: 'battery', batteryPercent: 41 }
  ],
  [
    'a laptop that is plugged in',
    { BAT0: battery('Charging', 41), AC: { type: 'Mains', online: '1' } },
    { power: 'mains', batteryPercent: 41 }
  ],
  [
    'two batteries, one at a time',
    { BAT0: battery('Unknown', 90), BAT1: battery('Discharging', 30) },
    { power: 'battery', batteryPercent: 60 }
  ],
  [
    'a mouse runs on a battery, the machine does not',
    { hid: { ...battery('Discharging', 9), scope: 'Device' } },
    { power: 'mains' }
  ],
  [
    'a server behind a UPS',
    { ups: { type: 'UPS', status: 'Discharging', capacity: '70', online: '0' } },
    { power: 'mains' }
  ]
])('Linux: %s', async (_, supplies, expected) => {
  const root = await sysfs(supplies);
  expect(await readSysfs(root)).toEqual(expected);
  await rm(root, { recursive: true });
});

it('macOS: what pmset says', () => {
  const line = (state: string) => ` -InternalBattery-0 (id=4325475)\t85%; ${state}; 4:05 remaining present: true\n`;
  expect(parsePmset(`Now drawing from 'Battery Power'\n${line('discharging')}`)).toEqual({
    power: 'battery',
    batteryPercent: 85
  });
  expect(parsePmset(`Now drawing from 'AC Power'\n${line('charging')}`)).toEqual({
    power: 'mains',
    batteryPercent: 85
  });
  expect(parsePmset("Now drawing from 'AC Power'\n")).toEqual({ power: 'mains' });
});

it('Windows: what Win32_Battery says', () => {
  const said = (status: number) => JSON.stringify([{ BatteryStatus: status, EstimatedChargeRemaining: 12 }]);
  expect(parseWin32Battery(said(1))).toEqual({ power: 'battery', batteryPercent: 12 });
  expect(parseWin32Battery(said(5))).toMatchObject({ power: 'battery' });
  expect(parseWin32Battery(said(2))).toEqual({ power: 'mains', batteryPercent: 12 });
  expect(parseWin32Battery('[]\r\n')).toEqual({ power: 'mains' });
  expect(parseWin32Battery('')).toEqual({ power: 'mains' });
});

it('here, whatever here is', async () => {
  expect(['mains', 'battery']).toContain((await powerReader()()).power);
  expect(await powerReader('aix')()).toEqual({ power: 'mains' });
});
