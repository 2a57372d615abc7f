import { randomInt, randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { DeviceId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { nodeService, nodeTxt, readNode } from '../discovery/node-txt.ts';
import type { FoundService } from '../discovery/port.ts';
import type { Directory } from '../protocol/directory.ts';
import { discoverNodes } from './discover-nodes.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** On loopback, away from the port on which real responders are. */
const mdnsPort = randomInt(20_000, 60_000);

function announce(site: string, url: string) {
  const id = DeviceId.parse(randomUUID());
  let at = site;
  const changed = new Set<() => void>();
  const waiting: ((said: string) => void)[] = [];
  const tell = (what: string) => (found: DeviceId, at: string) => {
    for (const each of waiting) each(`${what} ${found} ${at}`);
  };
  const end = discoverNodes({
    ...{ host: '127.0.0.1', identity: { id }, mdnsPort, clock: systemClock, logger: silentLogger },
    organization: {
      directory: () => ({ site: 'main', devices: [{ id, site: at }] as Directory['devices'] }) as Directory,
      onChange(listener) {
        changed.add(listener);
        return () => changed.delete(listener);
      }
    },
    node: { url, addresses: { found: tell('found'), lost: tell('lost') } }
  });
  ends.push(end);
  const heard: string[] = [];
  waiting.push((said) => heard.push(said));
  const until = (said: string) =>
    new Promise<void>((resolve) => {
      if (heard.includes(said)) resolve();
      waiting.push((now) => now === said && resolve());
    });
  const move = (to: string) => {
    at = to;
    for (const each of changed) each();
  };
  return { id, end, heard, until, move };
}

it('nodes of a site find each other on the link and notice when one goes; another site is passed over', async () => {
  const other = announce('elsewhere', 'https://127.0.0.1:7003');
  const one = announce('main', 'https://127.0.0.1:7001');
  const two = announce('main', 'https://127.0.0.1:7002');
  await Promise.all([
    one.until(`found ${two.id} https://127.0.0.1:7002`),
    two.until(`found ${one.id} https://127.0.0.1:7001`)
  ]);
  const gone = one.until(`lost ${two.id} https://127.0.0.1:7002`);
  await two.end();
  await gone;
  expect(one.heard.join()).not.toContain(other.id);
}, 20_000);

it('a node that is moved is found at its new site, and finds who is there', async () => {
  const [there, one] = [announce('north', 'https://127.0.0.1:7011'), announce('south', 'https://127.0.0.1:7012')];
  one.move('north');
  await Promise.all([
    one.until(`found ${there.id} https://127.0.0.1:7011`),
    there.until(`found ${one.id} https://127.0.0.1:7012`)
  ]);
}, 20_000);

it('what a stranger says is read with care', () => {
  const id = DeviceId.parse(randomUUID());
  const found = (txt: Record<string, string>, addresses = ['192.0.2.7', 'fe80::1', '2001:db8::1']): FoundService => ({
    ...{ name: 'x', type: nodeService, host: 'x.local', port: 7001, addresses, link: 'lo' },
    txt: new Map(Object.entries(txt).map(([key, value]) => [key, Buffer.from(value)]))
  });
  const txt = nodeTxt({ id, site: 'main' }) as Record<string, string>;
  expect(readNode(found(txt), 'main')).toEqual({ id, urls: ['https://192.0.2.7:7001', 'https://[2001:db8::1]:7001'] });
  expect(readNode(found(txt), 'other')).toBeNull();
  expect(readNode(found({ ...txt, id: '../../etc' }), 'main')).toBeNull();
  expect(readNode(found({}), 'main')).toBeNull();
});
