import { expect, it } from 'vitest';
import { readLaunchOptions } from './launch-options.ts';

const read = (switches: Record<string, string>) =>
  readLaunchOptions(
    (name) => switches[name] ?? '',
    (name) => name in switches,
    '/home/ada/.config/letterlock'
  );

it('is a client in the default folder when nothing is said', () => {
  expect(read({})).toEqual({
    role: 'client',
    dataDir: '/home/ada/.config/letterlock',
    kiosk: false,
    osPrinter: 'install',
    admitPrintSystem: false,
    bounds: null
  });
});

it('makes a station a kiosk unless it is given a window', () => {
  expect(read({ role: 'station', data: '/srv/a' })).toMatchObject({ kiosk: true, dataDir: '/srv/a' });
  expect(read({ role: 'station', window: '800x600+10+20' })).toMatchObject({
    kiosk: false,
    bounds: { width: 800, height: 600, x: 10, y: 20 }
  });
  expect(read({ role: 'client', window: '800x600' }).bounds).toEqual({ width: 800, height: 600 });
});

it('leaves the print system alone when told to', () => {
  expect(read({ 'os-printer': 'off', 'admit-print-system': '' })).toMatchObject({
    osPrinter: 'off',
    admitPrintSystem: true
  });
});

it.each([{ role: 'admin' }, { window: '1x1' }, { window: '800x600+1' }, { window: '' }])('refuses %j', (switches) => {
  expect(() => read(switches as unknown as Record<string, string>)).toThrow(
    expect.objectContaining({ code: 'input-invalid' })
  );
});
