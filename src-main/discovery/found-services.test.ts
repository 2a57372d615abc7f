import { expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { createTestClock } from '../base/testing/clock.ts';
import { createFoundServices } from './found-services.ts';
import type { DnsRecord } from './records.ts';

const type = '_ipp._tcp.local';
const pointer = (name: string, ttl = 4500): DnsRecord => ({
  name: type,
  ttl,
  flush: false,
  type: 'PTR',
  data: `${name}.${type}`
});
const own = (name: string, host = `${name}.local`, ttl = 120): DnsRecord[] => [
  { name: `${name}.${type}`, ttl, flush: true, type: 'SRV', data: { port: 631, target: host } },
  { name: `${name}.${type}`, ttl: 4500, flush: true, type: 'TXT', data: [Buffer.from('a=1')] }
];
const address = (host: string, data: string, flush = true): DnsRecord => ({
  name: `${host}.local`,
  ttl: 120,
  flush,
  type: 'A',
  data
});

function start() {
  const clock = createTestClock();
  const found = createFoundServices('_ipp._tcp', 'eth0', clock);
  const names = () => {
    found.sweep();
    return found.instances().flatMap((one) => found.resolve(one)?.name ?? []);
  };
  return { clock, found, names };
}

it('resolves a service in whatever order its records come, and says what is missing', () => {
  const { found } = start();
  found.take([pointer('One')]);
  const [one = ''] = found.instances();
  expect(found.missing(one).map((question) => question.type)).toEqual(['SRV', 'TXT']);
  found.take([...own('One')]);
  expect(found.missing(one).map((question) => question.type)).toEqual(['A', 'AAAA']);
  found.take([address('one', '192.0.2.1')]);
  expect(found.resolve(one)).toMatchObject({ name: 'One', host: 'One.local', addresses: ['192.0.2.1'] });
  found.take([address('two', '192.0.2.2'), ...own('Two'), pointer('Two')]);
  expect(found.missing(`Two.${type}`)).toEqual([]);
});

it('forgets what has expired, what was taken back, and what a new record replaces', () => {
  const { clock, found, names } = start();
  found.take([pointer('One'), ...own('One'), address('one', '192.0.2.1')]);
  expect(names()).toEqual(['One']);
  clock.advance(121_000);
  expect(names()).toEqual([]); // SRV and address are gone, the pointer lives
  found.take([...own('One'), address('one', '192.0.2.1')]);
  clock.advance(2000);
  found.take([address('one', '192.0.2.2')]);
  clock.advance(1000);
  found.sweep();
  expect(found.resolve(`One.${type}`)?.addresses).toEqual(['192.0.2.2']);
  found.take([pointer('One', 0)]);
  expect(names()).toEqual(['One']); // for a second: somebody else may still have it
  clock.advance(1001);
  expect(names()).toEqual([]);
  expect([...found.records()]).toEqual([]);
});

it('remembers nothing that was not asked for, and only so much of what was', () => {
  const { found } = start();
  found.take([
    { ...pointer('Foreign'), name: '_http._tcp.local' },
    { ...pointer('Foreign'), data: 'Foreign._http._tcp.local' } as DnsRecord,
    ...own('Nobody'),
    address('nobody', '192.0.2.9')
  ]);
  expect([...found.records()]).toEqual([]);
  found.take(Array.from({ length: 3 * limits.mdnsServices }, (_, index) => pointer(`P${index}`)));
  found.take([pointer('P0'), ...own('P0')]);
  found.take(Array.from({ length: 100 }, (_, index) => address('p0', `10.0.0.${index}`, false)));
  found.take(Array.from({ length: 100 }, (_, index) => own('P0', `h${index}.local`)).flat());
  found.sweep();
  expect(found.instances()).toHaveLength(limits.mdnsServices);
  expect([...found.records()].length).toBeLessThan(limits.mdnsServices + limits.mdnsAddresses + 10);
});

it('believes nobody that a record lives for ever', () => {
  const { clock, found, names } = start();
  const life = 0xffffffff;
  found.take([pointer('One', life), ...own('One', 'one.local', life), { ...address('one', '192.0.2.1'), ttl: life }]);
  clock.advance(25 * 3600 * 1000);
  expect(names()).toEqual([]);
});
