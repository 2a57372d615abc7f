import { resolve } from 'node:path';
import { LetterlockError } from '../base/errors.ts';

/** What the command line of the windows asks for. */
export interface LaunchOptions {
  readonly role: 'client' | 'station';
  /** Absolute. Everything of this instance is below it: the engine's in `<role>/`, the window's in `<role>/shell/`. */
  readonly dataDir: string;
  readonly kiosk: boolean;
  /** Whether the client adds its printer to the operating system by itself. */
  readonly osPrinter: 'install' | 'off';
  /** Whether the print system may print without credentials, for queues made by hand. */
  readonly admitPrintSystem: boolean;
  readonly bounds: { width: number; height: number; x?: number; y?: number } | null;
}

/**
 * `--role=client|station --data=DIR [--kiosk | --window=WIDTHxHEIGHT[+X+Y]] [--os-printer=off] [--admit-print-system]`. A station is a kiosk unless it is given a window.
 * `read` gives the value of a switch, or '' where it is not given. Throws `input-invalid`.
 */
export function readLaunchOptions(read: (name: string) => string, has: (name: string) => boolean, defaultDir: string) {
  const role = read('role') || 'client';
  if (role !== 'client' && role !== 'station') throw new LetterlockError('input-invalid', '--role: client or station');
  const bounds = has('window') ? parseBounds(read('window')) : null;
  return {
    role,
    dataDir: resolve(read('data') || defaultDir),
    kiosk: has('kiosk') || (role === 'station' && bounds === null),
    osPrinter: read('os-printer') === 'off' ? 'off' : 'install',
    admitPrintSystem: has('admit-print-system'),
    bounds
  } satisfies LaunchOptions;
}

/** X11 geometry, as every X program takes it. */
function parseBounds(text: string): NonNullable<LaunchOptions['bounds']> {
  const match = /^(\d{3,5})x(\d{3,5})(?:\+(\d{1,5})\+(\d{1,5}))?$/.exec(text);
  if (!match) throw new LetterlockError('input-invalid', '--window: WIDTHxHEIGHT or WIDTHxHEIGHT+X+Y');
  const [width, height, x, y] = match.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  if (width === undefined || height === undefined) throw new LetterlockError('input-invalid', '--window');
  return x === undefined || y === undefined ? { width, height } : { width, height, x, y };
}
