import { createSocket } from 'node:dgram';
import { EventEmitter, on } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Advertisement, Browsing, Discovery, FoundService, Offer } from '../port.ts';

/** What an adapter may not be able to do. Each one that it can't is a test that says so and is skipped by that name. */
export type Capability =
  | 'TXT values with dots'
  | 'TXT values of any bytes'
  | 'TXT strings of 255 bytes'
  | 'subtypes'
  | 'two services of one name'
  | 'changes'
  | 'goodbyes'
  | 'advertising';

export interface ComplianceSubject {
  readonly adapter: string;
  readonly cannot: readonly Capability[];
  /** The adapter under test, on the network where the peer is. */
  open(): Promise<Browsing & Partial<Discovery>>;
  /** Somebody else on that network, who can advertise. */
  peer(): Promise<Discovery>;
  /** Where hostile datagrams go: the port, and the address of the interface that they leave through. */
  readonly network: () => { port: number; address: string };
}

/** What every adapter of the discovery port does the same. */
export function discoveryCompliance(subject: ComplianceSubject): void {
  const when = (capability: Capability) =>
    subject.cannot.includes(capability)
      ? (title: string, _test: () => Promise<void>) => it.skip(`${subject.adapter} cannot: ${capability} (${title})`)
      : (title: string, test: () => Promise<void>) => it(title, test);

  describe.concurrent(`discovery over ${subject.adapter}`, () => {
    let own: Browsing & Partial<Discovery>;
    let peer: Discovery;
    const open: Advertisement[] = [];
    beforeAll(async () => {
      own = await subject.open();
      peer = await subject.peer();
    });
    afterAll(async () => {
      await peer.close();
      await own.close?.();
    });
    const advertise = async (offer: Offer) => {
      const advertisement = await peer.advertise(offer);
      open.push(advertisement);
      return advertisement;
    };

    it('finds a service with its name, host, port and address', async () => {
      const { address } = subject.network();
      await advertise({ ...offer('Plain'), services: [{ type: '_ipp._tcp', port: 6310, txt: { rp: 'ipp/print' } }] });
      const found = await watch(own, '_ipp._tcp').up(({ name }) => name === 'Plain');
      expect(found).toMatchObject({ type: '_ipp._tcp', host: 'plain.local', port: 6310 });
      expect(found.addresses).toContain(address);
      expect(text(found, 'rp')).toBe('ipp/print');
    });

    it('tells only of the type that was asked for', async () => {
      await advertise({ ...offer('Other'), services: [{ type: '_http._tcp', port: 80, txt: {} }] });
      await advertise({ ...offer('Wanted'), services: [{ type: '_scan._tcp', port: 81, txt: {} }] });
      const watching = watch(own, '_scan._tcp');
      await watching.up(({ name }) => name === 'Wanted');
      expect(watching.seen().map(({ type }) => type)).not.toContain('_http._tcp');
    });

    when('TXT values with dots')('keeps dots in TXT values', async () => {
      await advertise({
        ...offer('Dots'),
        services: [{ type: '_dots._tcp', port: 1, txt: { TLS: '1.2', a: 'b.c.' } }]
      });
      const found = await watch(own, '_dots._tcp').up();
      expect([text(found, 'tls'), text(found, 'a')]).toEqual(['1.2', 'b.c.']);
    });

    when('TXT values of any bytes')('keeps every byte of TXT values, and keys without a value', async () => {
      const bytes = Uint8Array.from({ length: 200 }, (_, index) => index);
      const txt = { bytes, empty: '', flag: true } as const;
      await advertise({ ...offer('Bytes'), services: [{ type: '_bytes._tcp', port: 1, txt }] });
      const found = await watch(own, '_bytes._tcp').up();
      expect(Buffer.compare(found.txt.get('bytes') as Uint8Array, bytes)).toBe(0);
      expect(text(found, 'empty')).toBe('');
      expect(found.txt.get('flag')).toBe(true);
    });

    when('TXT strings of 255 bytes')('reads the longest TXT strings', async () => {
      const txt = { pdl: 'x'.repeat(251), URF: 'y'.repeat(251) };
      await advertise({ ...offer('Long'), services: [{ type: '_long._tcp', port: 1, txt }] });
      expect(text(await watch(own, '_long._tcp').up(), 'pdl')).toHaveLength(251);
    });

    when('subtypes')('finds by subtype', async () => {
      const services = [{ type: '_ipps._tcp', subtypes: ['_universal', '_print'], port: 1, txt: {} }];
      await advertise({ ...offer('Sub'), services });
      const found = await watch(own, '_print._sub._ipps._tcp').up();
      expect(found).toMatchObject({ name: 'Sub', type: '_ipps._tcp' });
    });

    when('two services of one name')('tells services of one name apart', async () => {
      const services = [
        { type: '_one._tcp', port: 1, txt: { n: '1' } },
        { type: '_two._tcp', port: 2, txt: { n: '2' } }
      ];
      await advertise({ ...offer('Both'), services });
      expect([await watch(own, '_one._tcp').up(), await watch(own, '_two._tcp').up()].map(({ port }) => port)).toEqual([
        1, 2
      ]);
    });

    when('changes')('tells when a TXT record changes', async () => {
      const services = [{ type: '_change._tcp', port: 1, txt: { state: 'old' } }];
      const advertisement = await advertise({ ...offer('Change'), services });
      const watching = watch(own, '_change._tcp');
      await watching.up((found) => text(found, 'state') === 'old');
      advertisement.update({ '_change._tcp': { state: 'new' } });
      expect(text(await watching.up((found) => text(found, 'state') === 'new'), 'state')).toBe('new');
    });

    when('goodbyes')('tells when a service is gone', async () => {
      const advertisement = await advertise({ ...offer('Gone'), services: [{ type: '_gone._tcp', port: 1, txt: {} }] });
      const watching = watch(own, '_gone._tcp');
      await watching.up();
      await advertisement.close();
      expect((await watching.down()).name).toBe('Gone');
    });

    when('advertising')('is found by the peer, and renamed when the name is taken', async () => {
      const services = [{ type: '_name._tcp', port: 1, txt: {} }];
      await advertise({ ...offer('Taken'), services });
      const renamed = await own.advertise?.({
        ...offer('Taken'),
        host: 'somebody-else',
        services: [{ ...services[0], port: 2 } as never]
      });
      expect(renamed?.name).toBe('Taken (2)');
      const found = await watch(peer, '_name._tcp').up(({ port }) => port === 2);
      expect(found).toMatchObject({ name: 'Taken (2)', host: 'somebody-else.local' });
      await renamed?.close();
    });

    it('goes on after hostile datagrams', async () => {
      const socket = createSocket('udp4');
      const { port, address } = subject.network();
      await new Promise<void>((done) => socket.bind(0, address, done));
      socket.setMulticastInterface(address);
      const send = (bytes: Uint8Array) =>
        new Promise<void>((done) => socket.send(bytes, port, '224.0.0.251', () => done()));
      for (const bytes of [...hostileDatagrams, ...fc.sample(fc.uint8Array({ minLength: 12, maxLength: 200 }), 50)])
        await send(bytes);
      socket.close();
      await advertise({ ...offer('After'), services: [{ type: '_after._tcp', port: 7, txt: { a: '1' } }] });
      expect((await watch(own, '_after._tcp').up()).port).toBe(7);
    });
  });
}

const offer = (name: string) => ({ name, host: name });

const text = ({ txt }: FoundService, key: string): string => Buffer.from((txt.get(key) || '') as Uint8Array).toString();

/** Everything that browsing tells, to be waited for. */
export function watch(browsing: Browsing, type: string) {
  const events = new EventEmitter();
  const ended = new AbortController();
  const seen: FoundService[] = [];
  browsing.browse(
    type,
    {
      onUp: (service) => {
        seen.push(service);
        events.emit('up', service);
      },
      onDown: (service) => events.emit('down', service)
    },
    ended.signal
  );
  const next = async (event: 'up' | 'down', wanted: (service: FoundService) => boolean): Promise<FoundService> => {
    const past = event === 'up' ? seen.find(wanted) : undefined;
    if (past) return past;
    for await (const [service] of on(events, event, { signal: AbortSignal.timeout(15_000) })) {
      if (wanted(service as FoundService)) return service as FoundService;
    }
    throw new TypeError('unreachable');
  };
  return {
    up: (wanted: (service: FoundService) => boolean = () => true) => next('up', wanted),
    down: (wanted: (service: FoundService) => boolean = () => true) => next('down', wanted),
    seen: (): readonly FoundService[] => seen,
    end: () => ended.abort()
  };
}

const header = (counts: readonly number[], flags = 0x8400): number[] => [
  0,
  0,
  flags >> 8,
  flags & 255,
  ...counts.flatMap((n) => [n >> 8, n & 255])
];
const fixed = (type: number, length: number): number[] => [0, type, 0, 1, 0, 0, 0, 120, length >> 8, length & 255];

/** Messages that hang, crash or mislead parsers. */
export const hostileDatagrams: readonly Uint8Array[] = [
  [...header([1, 0, 0, 0], 0), 0xc0, 12, 0, 1, 0, 1], // a name that points to itself
  [...header([1, 0, 0, 0], 0), 0xc0, 14, 0xc0, 12, 0, 1, 0, 1], // two that point to each other
  [...header([0, 1, 0, 0]), 0, ...fixed(16, 3), 0xc1, 0, 0], // a text string that reads like a pointer
  [...header([0, 1, 0, 0]), 0, ...fixed(16, 2), 255, 1], // a text string longer than its record
  [...header([0, 1, 0, 0]), 0, ...fixed(12, 2), 0xc0, 23], // a pointer into itself in the data
  [...header([0, 1, 0, 0]), 0, ...fixed(33, 3), 0, 0, 0], // SRV that is too short
  [...header([0, 1, 0, 0]), 0, ...fixed(1, 65535)], // data that isn't there
  [...header([65535, 65535, 65535, 65535])],
  [...header([0, 1, 0, 0]), 63, 1],
  [...header([0, 1, 0, 0]), 0x80, 1, ...fixed(1, 4), 1, 2, 3, 4],
  [...header([0, 2, 0, 0]), ...Array.from({ length: 200 }, () => [1, 0x61]).flat(), 0, ...fixed(1, 4), 1, 2, 3, 4]
].map((bytes) => Uint8Array.from(bytes));
