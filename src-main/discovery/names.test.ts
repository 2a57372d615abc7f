import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hostLabel, instanceLabel, nextHost, nextInstance, subtypeName, typeName } from './names.ts';
import { compareRecords, type DnsRecord, recordKey } from './records.ts';
import { decodeTxt, encodeTxt } from './txt.ts';

it('labels can always be sent, and so can the names that follow them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.nat(30), (name, times) => {
      let [instance, host] = [instanceLabel(name), hostLabel(name)];
      const [instances, hosts] = [new Set<string>(), new Set<string>()];
      for (let count = 0; count <= times; count += 1) {
        expect(Buffer.byteLength(instance)).toBeLessThanOrEqual(63);
        expect(instance).not.toMatch(/\.|^$/);
        expect(host).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
        instances.add(instance);
        hosts.add(host);
        [instance, host] = [nextInstance(instance), nextHost(host)];
      }
      expect([instances.size, hosts.size]).toEqual([times + 1, times + 1]);
    })
  );
});

it('names that follow', () => {
  expect([nextInstance('Hall'), nextInstance('Hall (2)'), nextInstance('Hall (9)')]).toEqual([
    'Hall (2)',
    'Hall (3)',
    'Hall (10)'
  ]);
  expect([nextHost('node'), nextHost('node-2')]).toEqual(['node-2', 'node-3']);
});

it('types are types of services', () => {
  expect(typeName('_ipp._tcp')).toBe('_ipp._tcp.local');
  expect(subtypeName('_print', '_ipps._tcp')).toBe('_print._sub._ipps._tcp.local');
  for (const wrong of ['ipp', '_ipp', '_ipp._sctp', '_a.b._tcp', '__x y._tcp', ''])
    expect(() => typeName(wrong)).toThrow('input-invalid');
});

it('TXT records keep keys and every byte, and refuse what cannot be sent', () => {
  const key = fc.stringMatching(/^[a-z0-9-]{1,9}$/);
  const value = fc.oneof(fc.uint8Array({ maxLength: 245 }), fc.constant(true as const));
  fc.assert(
    fc.property(fc.dictionary(key, value), (txt) => {
      const decoded = decodeTxt(encodeTxt(txt));
      for (const [name, expected] of Object.entries(txt)) {
        const actual = decoded.get(name);
        expect(
          actual === true || expected === true
            ? actual === expected
            : Buffer.compare(actual ?? Buffer.from('?'), expected) === 0
        ).toBe(true);
      }
    })
  );
  expect(() => encodeTxt({ 'a=b': '' })).toThrow('input-invalid');
  expect(() => encodeTxt({ a: 'x'.repeat(254) })).toThrow('input-invalid');
  expect(encodeTxt({})).toEqual([Buffer.alloc(0)]);
  const twice = [Buffer.from('A=1'), Buffer.from('a=2'), Buffer.from('=3'), Buffer.from('')];
  expect([...decodeTxt(twice)].map(([name, bytes]) => [name, `${bytes}`])).toEqual([['a', '1']]);
});

it('who wins a name is decided as in RFC 6762 section 8.2.1', () => {
  const address = (data: string): DnsRecord => ({ name: 'printer.local', ttl: 120, flush: true, type: 'A', data });
  expect(compareRecords([address('169.254.200.50')], [address('169.254.99.200')])).toBeGreaterThan(0);
  expect(compareRecords([address('10.0.0.1')], [address('10.0.0.1')])).toBe(0);
  expect(compareRecords([address('10.0.0.1')], [address('10.0.0.1'), address('10.0.0.2')])).toBeLessThan(0);
  expect(recordKey(address('10.0.0.1'))).toBe(recordKey({ ...address('10.0.0.1'), name: 'PRINTER.local', ttl: 1 }));
});
