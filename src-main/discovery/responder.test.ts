import type { RemoteInfo } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../base/testing/clock.ts';
import { createClaim } from './claim.ts';
import type { Link } from './links.ts';
import type { DnsRecord } from './records.ts';
import { createResponder } from './responder.ts';
import type { Message, Wire } from './wire.ts';

const link: Link = { name: 'eth0', addresses: [{ address: '192.0.2.7', family: 'IPv4', cidr: '192.0.2.7/24' }] };
const type = '_ipp._tcp.local';
const instance = `Hall.${type}`;

function start() {
  const clock = createTestClock();
  const sent: { answers: readonly DnsRecord[]; additionals: readonly DnsRecord[] }[] = [];
  const replies: RemoteInfo[] = [];
  const wire: Wire = {
    link,
    query: () => undefined,
    respond: async (answers, additionals = []) => void sent.push({ answers, additionals }),
    reply: (_request, _answers, _additionals, to) => void replies.push(to),
    onMessage: () => () => undefined,
    close: async () => undefined
  };
  const services = [{ type: '_ipp._tcp', subtypes: ['_print'], port: 631, txt: { rp: 'ipp/print' } }];
  const claim = createClaim({ name: 'Hall', host: 'node', services }, [link]);
  claim.announced = true;
  const { onQuery } = createResponder(wire, 5353, () => [claim], { clock, random: () => 0.5 });
  const ask = (
    question: [string, string],
    change: Partial<Message> = {},
    from = { address: '192.0.2.9', port: 5353 }
  ) =>
    onQuery(
      {
        ...{ type: 'query', id: 0, truncated: false, answers: [], authorities: [], additionals: [] },
        questions: [{ name: question[0], type: question[1] as 'PTR' }],
        ...change
      },
      from as RemoteInfo
    );
  const types = () => sent.map(({ answers }) => answers.map((one) => one.type));
  const pointer = claim.records(link).shared.find(({ name }) => name === type) as DnsRecord;
  return { clock, sent, replies, claim, ask, types, pointer };
}

describe('answers', () => {
  it('what is shared after a moment, with all that will be asked next; what is ours alone at once', () => {
    const { ask, sent, clock, types } = start();
    ask([type, 'PTR']);
    expect(sent).toEqual([]);
    clock.advance(120);
    expect(types()).toEqual([['PTR']]);
    expect(sent[0]?.additionals.map((one) => one.type).sort()).toEqual(['A', 'NSEC', 'SRV', 'TXT']);
    ask([instance, 'SRV']);
    expect(types()[1]).toEqual(['SRV']);
  });

  it('says that there is no such type of a name that is ours, and nothing about other names', () => {
    const { ask, types } = start();
    ask(['NODE.local', 'AAAA']);
    ask(['other.local', 'A']);
    expect(types()).toEqual([['NSEC']]);
  });

  it('not what the asker knows already, unless it forgets it soon', () => {
    const { ask, clock, types, pointer } = start();
    ask([type, 'PTR'], { answers: [{ ...pointer, ttl: pointer.ttl / 2 }] });
    clock.advance(1000);
    expect(types()).toEqual([]);
    ask([type, 'PTR'], { answers: [{ ...pointer, ttl: pointer.ttl / 2 - 1 }] });
    clock.advance(1000);
    expect(types()).toEqual([['PTR']]);
  });

  it('waits for the rest of what a truncated question knows; but others may have asked too', () => {
    const { ask, clock, types, pointer } = start();
    ask([type, 'PTR'], { truncated: true });
    ask(['', 'PTR'], { questions: [], answers: [pointer] });
    clock.advance(1000);
    expect(types()).toEqual([]);
    ask([type, 'PTR'], { truncated: true });
    ask([type, 'PTR'], {}, { address: '192.0.2.10', port: 5353 });
    ask(['', 'PTR'], { questions: [], answers: [pointer] });
    clock.advance(1000);
    expect(types()).toEqual([['PTR']]);
  });

  it('a record once a second, however often it is asked for; but a probe in time', () => {
    const { ask, clock, types } = start();
    for (let count = 0; count < 100; count += 1) {
      ask([instance, 'SRV']);
      clock.advance(20);
    }
    expect(types()).toHaveLength(2);
    clock.advance(1000);
    ask([instance, 'ANY']);
    clock.advance(300);
    const rival: DnsRecord = {
      name: instance,
      ttl: 120,
      flush: true,
      type: 'SRV',
      data: { port: 1, target: 'rival.local' }
    };
    ask([instance, 'ANY'], { authorities: [rival] });
    expect(types().slice(2)).toEqual([
      ['SRV', 'TXT'],
      ['SRV', 'TXT']
    ]);
  });

  it('directly to one who asks from another port', () => {
    const { ask, sent, replies } = start();
    ask([type, 'PTR'], {}, { address: '192.0.2.9', port: 40_000 });
    expect([sent.length, replies.map(({ port }) => port)]).toEqual([0, [40_000]]);
  });
});

describe('a claim', () => {
  const srv = (target: string): DnsRecord => ({
    name: instance,
    ttl: 120,
    flush: true,
    type: 'SRV',
    data: { port: 631, target }
  });

  it('is contested by another SRV or address, not by itself, another text or a goodbye', () => {
    const { claim } = start();
    claim.hear(srv('node.local'), link);
    claim.hear({ ...srv('other.local'), ttl: 0 }, link);
    claim.hear({ name: instance, ttl: 4500, flush: true, type: 'TXT', data: [Buffer.from('rp=old')] }, link);
    claim.hear({ name: 'node.local', ttl: 120, flush: true, type: 'A', data: '192.0.2.7' }, link);
    expect(claim.contest()).toBeNull();
    claim.hear({ name: 'node.local', ttl: 120, flush: true, type: 'A', data: '192.0.2.8' }, link);
    expect(claim.contest()).toBe('host');
    claim.hear(srv('other.local'), link);
    expect(claim.contest()).toBe('instance');
  });

  it('steps back from one who asks for the name at once and comes first, not from its own echo', () => {
    const { claim } = start();
    claim.announced = false;
    const own = claim.names(link).get(instance.toLowerCase()) ?? [];
    claim.compete(own, link);
    claim.compete([srv('a.local')], link); // its TXT record sorts before any SRV
    expect(claim.contest()).toBe('tie');
    claim.uncontested();
    claim.announced = true;
    claim.compete([srv('z.local')], link);
    expect(claim.contest()).toBeNull();
  });
});
