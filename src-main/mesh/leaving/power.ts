import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { NodeCondition } from '../../protocol/node-condition.ts';

/** Where the machine's power comes from now. Without a battery of its own it is a machine that stays where it is. */
export type Power = Pick<NodeCondition, 'power' | 'batteryPercent'>;
export type ReadPower = () => Promise<Power>;

/** The reader for this operating system. What cannot be read counts as mains: nothing is handed over on a guess. */
export function powerReader(platform: NodeJS.Platform = process.platform): ReadPower {
  const read = readers[platform] ?? (async () => mains);
  return () => read().catch(() => mains);
}

const mains: Power = { power: 'mains' };
const run = promisify(execFile);

const readers: Partial<Record<NodeJS.Platform, ReadPower>> = {
  linux: () => readSysfs('/sys/class/power_supply'),
  darwin: async () => parsePmset((await run('pmset', ['-g', 'batt'], { timeout: 10_000 })).stdout),
  win32: async () => parseWin32Battery((await run('powershell', win32Battery, { timeout: 10_000 })).stdout)
};
const win32Battery = [
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  'ConvertTo-Json @(Get-CimInstance Win32_Battery | Select-Object BatteryStatus,EstimatedChargeRemaining)'
];

/**
 * Linux: Documentation/ABI/testing/sysfs-class-power. `scope` Device is a mouse or a headset; type UPS keeps a server that stays.
 */
export async function readSysfs(root: string): Promise<Power> {
  const supplies = await Promise.all(
    (await readdir(root)).map(async (name) => {
      const field = (file: string) =>
        readFile(join(root, name, file), 'utf8').then(
          (text) => text.trim(),
          () => ''
        );
      const [type, scope, online] = [await field('type'), await field('scope'), await field('online')];
      return { type, scope, online, status: await field('status'), capacity: Number(await field('capacity')) };
    })
  );
  const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device');
  const plugged = supplies.some(({ type, online }) => type !== 'Battery' && online === '1');
  const discharging = batteries.some(({ status }) => status === 'Discharging');
  return batteryOf(
    batteries.map(({ capacity }) => capacity),
    discharging && !plugged
  );
}

/** macOS, pmset(1): "Now drawing from 'Battery Power'", then a line for each battery: " -InternalBattery-0 (id=…)	85%; discharging; …". */
export function parsePmset(text: string): Power {
  const percents = [...text.matchAll(/-InternalBattery[^\n]*?(\d{1,3})%/g)].map(([, percent]) => Number(percent));
  return batteryOf(percents, text.includes("'Battery Power'"));
}

const Win32Batteries = z.array(z.object({ BatteryStatus: z.number(), EstimatedChargeRemaining: z.number() }));
/** Windows, Win32_Battery.BatteryStatus: 1 discharging, 4 low, 5 critical; all others are on AC. */
export function parseWin32Battery(text: string): Power {
  const batteries = Win32Batteries.parse(text.trim() === '' ? [] : JSON.parse(text));
  return batteryOf(
    batteries.map(({ EstimatedChargeRemaining }) => EstimatedChargeRemaining),
    batteries.some(({ BatteryStatus }) => [1, 4, 5].includes(BatteryStatus))
  );
}

function batteryOf(percents: readonly number[], discharging: boolean): Power {
  if (percents.length === 0) return mains;
  const mean = percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
  return { power: discharging ? 'battery' : 'mains', batteryPercent: Math.min(100, Math.max(0, Math.round(mean))) };
}
