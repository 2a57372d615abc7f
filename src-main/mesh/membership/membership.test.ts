import { afterEach, describe, expect, it } from 'vitest';
import type { MembershipMessage } from '../../protocol/membership.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import { createSite, type SimulatedSite, simulatedStatements } from '../testing/members.ts';
import { swim } from './settings.ts';

/** The core on a simulated network: everything follows from the seed, which stands in the name of a test that fails. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const sites: SimulatedSite[] = [];
afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

async function running(seed: number, size: number, settle = 30_000): Promise<SimulatedSite> {
  const site = await createSite(seed, size);
  sites.push(site);
  for (const id of site.ids) await site.start(id);
  await site.network.run(settle);
  return site;
}
const at = <T>(list: readonly T[], index: number): T => list[index] as T;
const nodeOf = (site: SimulatedSite, index: number) => {
  const node = site.nodes.get(at(site.ids, index));
  if (!node) throw new Error('not running');
  return node;
};
/** Who was called dead, and when. */
function deaths(site: SimulatedSite): { readonly id: string; readonly at: number }[] {
  const seen: { id: string; at: number }[] = [];
  for (const { membership } of site.nodes.values()) {
    membership.onChange(({ id, state }) => {
      if (state === 'dead') seen.push({ id, at: site.network.now() });
    });
  }
  return seen;
}
const condition: NodeCondition = {
  freeBytes: 1,
  power: 'mains',
  awakeShare: 1,
  domain: 'room 1',
  stationary: true,
  leaving: false
};

describe('members', () => {
  it('find each other, and hear conditions', async () => {
    const site = await running(1, 20, 5000);
    expect(site.errors()).toEqual([]);
    nodeOf(site, 3).membership.setCondition(condition);
    await site.network.run(3000);
    for (const { id, membership } of site.nodes.values()) {
      const heard = id === at(site.ids, 3) ? membership.self() : membership.member(at(site.ids, 3));
      expect(heard?.condition).toEqual(condition);
    }
  });

  it.each(seeds)('a crash is known to all within two seconds (seed %i)', async (seed) => {
    const site = await running(seed, 10);
    await site.network.run(site.network.random() * 1000);
    const seen = deaths(site);
    const began = site.network.now();
    site.crash(at(site.ids, 4));
    await site.network.run(2000);
    expect(site.errors()).toEqual([]);
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([at(site.ids, 4)]));
    expect(Math.min(...seen.map((one) => one.at)) - began).toBeGreaterThan(500);
  });

  it.each(seeds)(
    'nobody is called dead while a fifth of all messages is lost, doubled and reordered (seed %i)',
    async (seed) => {
      const site = await createSite(seed, 2 + (seed % 5));
      sites.push(site);
      Object.assign(site.network.faults, { loss: 0.2, duplication: 0.1, delay: [0.2, 80] });
      for (const id of site.ids) await site.start(id);
      const seen = deaths(site);
      await site.network.run(60_000);
      expect(seen).toEqual([]);
      site.network.faults.loss = 0;
      await site.network.run(5000);
      expect(site.errors()).toEqual([]);
    }
  );

  it.each(seeds)('two halves call each other dead, and find each other again (seed %i)', async (seed) => {
    const site = await running(seed, 10);
    const halves = [site.ids.slice(0, 5), site.ids.slice(5)] as const;
    site.network.partition(...halves);
    await site.network.run(40_000);
    for (const id of halves[0]) {
      for (const other of halves[1]) expect(site.nodes.get(id)?.membership.member(other)?.state).toBe('dead');
      for (const other of halves[0])
        if (other !== id) expect(site.nodes.get(id)?.membership.member(other)?.state).toBe('alive');
    }
    const seen = deaths(site);
    site.network.heal();
    await site.network.run(20_000);
    expect(site.errors()).toEqual([]);
    expect(seen).toEqual([]);
  });

  it('a node that crashed comes back under its name, also with a clock that went back by an hour', async () => {
    const site = await running(5, 6);
    for (const skew of [0, -3_600_000]) {
      site.crash(at(site.ids, 2));
      await site.network.run(3000);
      await site.start(at(site.ids, 2), { skew });
      await site.network.run(6000);
      expect(site.errors()).toEqual([]);
    }
  });

  it('who says goodbye is gone at once, and was never suspected', async () => {
    const site = await running(6, 8);
    const changes: string[] = [];
    nodeOf(site, 1).membership.onChange(({ state }) => changes.push(state));
    await Promise.all([nodeOf(site, 0).membership.leave(), site.network.run(1000)]);
    expect(changes).toEqual(['left']);
  });

  it('a machine that slept accuses nobody', async () => {
    const site = await running(7, 5);
    const id = at(site.ids, 0);
    let jump = 0;
    const real = site.network.clock();
    const sleeper = await site.start(id, { clock: { now: () => real.now() + jump, after: real.after } });
    await site.network.run(20_000);
    const seen: string[] = [];
    sleeper.membership.onChange(({ state }) => seen.push(state));
    // It is cut off, so that suspicions wait for their time, which then has passed at a stroke.
    site.network.partition([id]);
    await site.network.run(1500);
    jump = 3_600_000;
    site.network.heal();
    await site.network.run(30_000);
    expect(seen).toContain('suspect');
    expect(seen).not.toContain('dead');
    expect(sleeper.membership.members().every(({ state }) => state === 'alive')).toBe(true);
  });

  it('who is approved no more is told once as dead, and forgotten', async () => {
    const site = await running(8, 4);
    const { membership } = nodeOf(site, 0);
    const changes: string[] = [];
    membership.onChange(({ id, state }) => changes.push(`${id} ${state}`));
    const gone = at(site.ids, 1);
    site.revoke(gone);
    expect(changes).toEqual([`${gone} dead`]);
    expect(membership.member(gone)).toBeUndefined();
    await site.network.run(3000);
    expect(membership.member(gone)).toBeUndefined();
  });
});

describe('a liar', () => {
  /** What a paired node that says what it likes can make of it. */
  async function liar(site: SimulatedSite) {
    const id = at(site.ids, 0);
    site.crash(id);
    const endpoint = site.network.attach(id, async (_from, message) => {
      const { type } = message as MembershipMessage;
      return { v: 1, type: type === 'ping-request' ? 'ack' : type === 'sync' ? 'unsupported' : 'ack', updates: [] };
    });
    const statements = simulatedStatements(id);
    const victim = nodeOf(site, 1);
    const tell = (to: number, updates: unknown[]) =>
      endpoint.send(at(site.ids, to), { v: 1, type: 'ping', updates }).catch((error: { code: string }) => error.code);
    const accuse = () =>
      statements.sign('suspicion', { about: victim.id, incarnation: victim.membership.self().incarnation });
    return { id, endpoint, statements, victim, tell, accuse };
  }

  it.each(seeds)('that accuses without end never gets anybody called dead (seed %i)', async (seed) => {
    const site = await running(seed, 8);
    const { id, victim, tell, accuse } = await liar(site);
    const seen = deaths(site);
    const before = victim.membership.self().incarnation;
    for (let times = 0; times < 50; times += 1) {
      for (const to of [2, 3, 4, 5, 6, 7]) void tell(to, [await accuse()]);
      await site.network.run(200);
    }
    await site.network.run(5000);
    expect(seen.filter((one) => one.id !== id)).toEqual([]);
    expect(victim.membership.self().incarnation - before).toBeGreaterThan(0);
    expect(victim.membership.self().incarnation - before).toBeLessThanOrEqual(50);
  });

  it('cannot speak for others: a forgery is refused, and another name changes nothing', async () => {
    const site = await running(9, 5);
    const { statements, victim, tell } = await liar(site);
    const word = { id: victim.id, incarnation: Date.UTC(2030, 0, 1), state: 'left', condition: null };
    const said = await statements.sign('member', word);
    let answer: unknown;
    void tell(2, [{ ...said, signer: victim.id }]).then((code) => (answer = code));
    void tell(3, [said]);
    await site.network.run(1000);
    expect(answer).toBe('input-invalid');
    expect(nodeOf(site, 2).membership.member(victim.id)?.state).toBe('alive');
    expect(nodeOf(site, 3).membership.member(victim.id)?.state).toBe('alive');
  });

  it('cannot keep somebody alive by vouching for it', async () => {
    const site = await running(10, 4);
    const { victim } = await liar(site);
    await site.network.run(20_000);
    site.crash(victim.id);
    await site.network.run(30_000);
    for (const index of [2, 3]) expect(nodeOf(site, index).membership.member(victim.id)?.state).toBe('dead');
  });

  it('keeps no more than a few under suspicion at once', async () => {
    const site = await running(11, 30, 8000);
    const { id, statements, endpoint } = await liar(site);
    const others = [...site.nodes.values()].filter((node) => node.id !== at(site.ids, 2));
    const updates = await Promise.all(
      others.map(({ id: about, membership }) =>
        statements.sign('suspicion', { about, incarnation: membership.self().incarnation })
      )
    );
    let suspects = 0;
    nodeOf(site, 2).membership.onChange((changed) => {
      if (changed.state === 'suspect' && changed.id !== id) suspects += 1;
    });
    void endpoint.send(at(site.ids, 2), { v: 1, type: 'ping', updates });
    await site.network.run(3);
    expect(suspects).toBe(16);
  });
});

describe('a message', () => {
  it('of a later version or kind is answered, not refused; unknown fields are passed over', async () => {
    const site = await running(12, 2, 3000);
    const { membership } = nodeOf(site, 0);
    const from = at(site.ids, 1);
    const unsupported = { v: 1, type: 'unsupported' };
    expect(await membership.receive(from, { v: 2, type: 'ping', updates: 'otherwise' })).toEqual(unsupported);
    expect(await membership.receive(from, { v: 1, type: 'weather' })).toEqual(unsupported);
    const weather = { kind: 'weather', payload: 'e30', signer: from, signature: 'A'.repeat(86) };
    expect(await membership.receive(from, { v: 1, type: 'ping', updates: [weather], mood: 'fine' })).toMatchObject({
      type: 'ack'
    });
    const later = await simulatedStatements(from).sign('member', {
      ...{ id: from, incarnation: Date.UTC(2026, 5, 1), state: 'alive', color: 'red' },
      condition: { power: 'fusion' }
    });
    await membership.receive(from, { v: 1, type: 'ping', updates: [later] });
    expect(membership.member(from)).toMatchObject({ incarnation: Date.UTC(2026, 5, 1), condition: null });
  });

  it.each([null, {}, [], 'ping', { v: 1, type: 'ping', updates: [1] }, { v: 1, type: 'ping-request' }])(
    '%j is refused',
    async (message) => {
      const site = await running(13, 2, 1000);
      await expect(nodeOf(site, 0).membership.receive(at(site.ids, 1), message)).rejects.toMatchObject({
        code: 'input-invalid'
      });
    }
  );
});

it('costs a node no more than the probes of those that it watches, among 15 and among 40', async () => {
  const cost = async (size: number) => {
    const site = await running(14, size, 12_000);
    Object.assign(site.network.traffic, { messages: 0, bytes: 0 });
    site.network.faults.measured = true;
    await site.network.run(10_000);
    const { messages, bytes } = site.network.traffic;
    return { messages: messages / size / 10, bytes: bytes / size / 10 };
  };
  const [small, large] = [await cost(15), await cost(40)];
  // Eight in a round, to each of which it says something and from each of which it hears; and the pages.
  const most = (2 * swim.rings * 1000) / swim.roundCalm + 1;
  expect(small.messages).toBeLessThan(most);
  expect(large.messages).toBeLessThan(most);
  expect(large.bytes).toBeLessThan(4096);
});
