import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { cupsPlan, cupsPrinter } from './cups.ts';
import { macosPlan, macosPrinter } from './macos.ts';
import type { OsPrinter, Plan, PlannedQueue } from './port.ts';
import { runTool } from './run-tool.ts';
import { cupsScheduler, type IppCodec, schedulerSocket } from './scheduler.ts';
import { windowsPlan, windowsPrinter } from './windows.ts';

export const platforms = ['linux', 'macos', 'windows'] as const;
export type Platform = (typeof platforms)[number];

/** Null: one that Letterlock adds no printer to. */
export const thisPlatform = (): Platform | null =>
  (({ linux: 'linux', darwin: 'macos', win32: 'windows' }) as const)[process.platform as string] ?? null;

/** The adapter of the machine that this runs on. `user`: who asks cupsd. */
export function osPrinter(options: {
  platform: Platform;
  codec: IppCodec;
  user: string;
  env: NodeJS.ProcessEnv;
}): OsPrinter {
  const { platform, codec, user, env } = options;
  const home = homedir();
  switch (platform) {
    case 'linux': {
      const socket = schedulerSocket(env.CUPS_SERVER, existsSync);
      const scheduler = cupsScheduler({ codec, socket, user });
      return cupsPrinter({ scheduler, runTool, home, serverRoot: env.CUPS_SERVERROOT ?? '/etc/cups' });
    }
    case 'macos':
      return macosPrinter({ runTool, home });
    case 'windows':
      return windowsPrinter(runTool);
  }
}

/** What would be done, for people. */
export const planFor = (platform: Platform, queue: PlannedQueue): Plan =>
  ({ linux: cupsPlan, macos: macosPlan, windows: windowsPlan })[platform](queue);
