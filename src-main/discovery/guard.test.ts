import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { createTestClock } from '../base/testing/clock.ts';
import { isDnsMessage } from './guard.ts';
import { onLink } from './links.ts';
import { isReadable } from './mdns-js-browsing.ts';
import { createRateLimit } from './rate-limit.ts';
import { hostileDatagrams } from './testing/compliance.ts';

const header = (counts: readonly number[]) => Buffer.from([0, 0, 0x84, 0, ...counts.flatMap((n) => [n >> 8, n & 255])]);
const label = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]);
const pointer = (to: number) => Buffer.from([0xc0 | (to >> 8), to & 255]);
const fixed = (type: number, length: number) => Buffer.from([0, type, 0, 1, 0, 0, 0, 120, length >> 8, length & 255]);

describe('what reaches the parsers', () => {
  it.each(hostileDatagrams.map((bytes) => [Buffer.from(bytes).toString('hex'), bytes] as const))(
    'not %s',
    (_, bytes) => {
      // a text string is only a danger to one of them
      const isText = bytes[21] === 16 || bytes[14] === 16;
      expect(
        isDnsMessage(Buffer.from(bytes), (type) => type !== 16) || (!isText && isDnsMessage(Buffer.from(bytes)))
      ).toBe(false);
    }
  );

  it('a message with names that point back to others', () => {
    const name = Buffer.concat([label('_ipp'), label('_tcp'), label('local'), Buffer.alloc(1)]);
    const instance = Buffer.concat([label('Printer'), pointer(12)]);
    const message = Buffer.concat([header([0, 1, 0, 0]), name, fixed(12, instance.length), instance]);
    expect(isDnsMessage(message)).toBe(true);
    for (let cut = 0; cut < message.length; cut += 1) expect(isDnsMessage(message.subarray(0, cut))).toBe(false);
  });

  it('neither one that is too large, nor one with too many records, nor long chains of pointers', () => {
    const root = Buffer.concat([Buffer.alloc(1), fixed(1, 4), Buffer.alloc(4)]);
    const records = (count: number) => Buffer.concat([header([0, count, 0, 0]), ...Array<Buffer>(count).fill(root)]);
    expect(isDnsMessage(records(limits.mdnsMessageRecords))).toBe(true);
    expect(isDnsMessage(records(limits.mdnsMessageRecords + 1))).toBe(false);
    expect(isDnsMessage(Buffer.concat([records(1), Buffer.alloc(limits.mdnsMessage)]))).toBe(false);
    const chain = (length: number) => {
      const links = Array.from({ length }, (_, index) =>
        index === 0 ? Buffer.from([0, 0]) : pointer(22 + 2 * (index - 1) + 1 - 1)
      );
      return Buffer.concat([
        header([0, 2, 0, 0]),
        Buffer.alloc(1),
        fixed(99, 2 * length).subarray(0, 10),
        ...links,
        pointer(23 + 2 * (length - 1)),
        fixed(1, 4),
        Buffer.alloc(4)
      ]);
    };
    expect(isDnsMessage(chain(40))).toBe(false);
  });

  it('whatever comes, a decision does', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const counted = fc
      .tuple(fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), bytes)
      .map(([counts, rest]) => Buffer.concat([header(counts), rest]));
    fc.assert(
      fc.property(counted, (message) => typeof isDnsMessage(message) === 'boolean'),
      { numRuns: 5000 }
    );
  });

  it('only from the link', () => {
    const near = onLink({
      name: 'eth0',
      addresses: [
        { address: '192.0.2.7', family: 'IPv4', cidr: '192.0.2.7/24' },
        { address: 'fe80::1', family: 'IPv6', cidr: 'fe80::1/64' }
      ]
    });
    expect(['192.0.2.200', 'fe80::2%eth0'].every(near)).toBe(true);
    expect(['192.0.3.1', 'fe80::2%eth1', '2001:db8::1', 'nonsense', ''].some(near)).toBe(false);
  });

  it('only so much of it, from one sender and from many', () => {
    const clock = createTestClock();
    const admit = createRateLimit(clock);
    const count = (senders: number, times: number) =>
      Array.from({ length: times }, (_, index) =>
        admit(`10.0.${(index % senders) >> 8}.${(index % senders) & 255}`)
      ).filter(Boolean).length;
    expect(count(1, 1000)).toBe(limits.mdnsPerSenderSecond);
    clock.advance(1000);
    expect(count(1, 1000)).toBe(limits.mdnsPerSenderSecond);
    clock.advance(1000);
    expect(count(5000, 20_000)).toBe(limits.mdnsPerSecond);
  });
});

describe('what reaches mdns-js', () => {
  it.each([
    ['what follows the message', [...header([0, 0, 0, 0]), ...header([1, 0, 0, 0]), 0xc0, 12, 0, 1, 0, 1]],
    [
      'what follows an address',
      [...header([0, 2, 0, 0]), 0, ...fixed(1, 6), 1, 2, 3, 4, 0xc0, 27, 0, ...fixed(1, 4), 1, 2, 3, 4]
    ]
  ])('not %s, which it would read as a name', (_, bytes) => {
    expect(isDnsMessage(Buffer.from(bytes))).toBe(false);
  });
  it.each([
    ['an empty string with something behind it', [0, 2, 0xc0, 23]],
    ['a string that reads like a pointer', [0xc1, ...Buffer.alloc(0xc1)]],
    ['no string', []],
    ['a string longer than its record', [5, 1]]
  ])('no TXT record with %s', (_, data) => {
    const message = Buffer.from([...header([0, 1, 0, 0]), 0, ...fixed(16, data.length), ...data]);
    expect(isDnsMessage(message, isReadable)).toBe(false);
  });
  it('what it can read', () => {
    const data = Buffer.concat([label('a=1'), label('b=2')]);
    expect(
      isDnsMessage(Buffer.concat([header([0, 1, 0, 0]), Buffer.alloc(1), fixed(16, data.length), data]), isReadable)
    ).toBe(true);
  });
});
