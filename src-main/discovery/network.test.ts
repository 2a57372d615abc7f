import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { linksFor } from './links.ts';
import { openMdnsJs } from './mdns-js-browsing.ts';
import { openDiscovery } from './multicast-discovery.ts';
import { type ComplianceSubject, discoveryCompliance, watch } from './testing/compliance.ts';

/**
 * Both adapters on a real interface, at the port where the other responders are: this needs a network of its own, with Avahi in it.
 * tests/system/discovery.test.ts makes one, names the address of its interface here, and runs this file in it.
 */
const address = process.env.LETTERLOCK_TEST_INTERFACE;
const common = { clock: systemClock, logger: silentLogger };

describe('mdns-js', () => {
  it('cannot: loopback', () => {
    const [link] = linksFor('127.0.0.1');
    expect(() => link && openMdnsJs({ link, ...common })).toThrow('input-invalid');
  });
});

/** Set by tests/system/discovery.test.ts, which makes a network of its own for the rest of this file. */
if (address !== undefined) {
  const multicast = () => openDiscovery({ links: linksFor(address), ...common });
  const subjects: Pick<ComplianceSubject, 'adapter' | 'cannot' | 'open'>[] = [
    { adapter: 'multicast-dns', cannot: [], open: multicast },
    {
      adapter: 'mdns-js',
      cannot: [
        'TXT values with dots',
        'TXT values of any bytes',
        'TXT strings of 255 bytes',
        'subtypes',
        'two services of one name',
        'changes',
        'goodbyes',
        'advertising'
      ],
      open: async () => {
        const [link] = linksFor(address);
        if (!link) throw new Error(`no interface has ${address}`);
        return openMdnsJs({ link, ...common });
      }
    }
  ];
  const v6 = Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    name === linksFor(address)[0]?.name ? all.filter(({ family }) => family === 'IPv6') : []
  )[0]?.address;
  it.runIf(v6)('finds, renames and says goodbye over IPv6 alone', async () => {
    const open = () => openDiscovery({ links: linksFor(v6 ?? ''), ...common });
    const [one, other] = [await open(), await open()];
    const services = [{ type: '_six._tcp', port: 6, txt: {} }];
    const first = await one.advertise({ name: 'Six', host: 'six', services });
    const watching = watch(other, '_six._tcp');
    expect((await watching.up()).addresses).toEqual([v6]);
    const second = await other.advertise({ name: 'Six', host: 'seven', services });
    expect(second.name).toBe('Six (2)');
    await first.close();
    expect((await watching.down()).name).toBe('Six');
    await Promise.all([one.close(), other.close()]);
  });

  for (const subject of subjects) {
    discoveryCompliance({ ...subject, peer: multicast, network: () => ({ port: 5353, address }) });

    it(`a printer that Avahi advertises is found over ${subject.adapter}`, async () => {
      const args = ['-s', `Neighbour ${subject.adapter}`, '_ipp._tcp', '8631', 'rp=ipp/print', 'note=hall'];
      const avahi = spawn('avahi-publish', args, { stdio: ['ignore', 'ignore', 'pipe'] });
      await once(avahi.stderr, 'data');
      const discovery = await subject.open();
      try {
        const found = await watch(discovery, '_ipp._tcp').up(({ name }) => name === args[1]);
        expect(found).toMatchObject({ host: 'neighbour.local', port: 8631 });
        expect(found.addresses).toContain(address);
        expect(Buffer.from(found.txt.get('note') as Uint8Array).toString()).toBe('hall');
      } finally {
        avahi.kill();
        await discovery.close?.();
      }
    });
  }
}
