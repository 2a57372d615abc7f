import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { GiB } from '../base/limits.ts';
import type { NodeCondition } from './node-condition.ts';
import { type Candidate, type PlacementRule, rankNodes, weightOf } from './placement.ts';

const roomy: NodeCondition = {
  freeBytes: 64 * GiB,
  power: 'mains',
  awakeShare: 1,
  domain: '',
  stationary: true,
  leaving: false
};
const node = (condition: Partial<NodeCondition> | null = {}, more: Partial<Candidate> = {}): Candidate => ({
  id: DeviceId.parse(randomUUID()),
  roles: ['node'],
  awake: true,
  condition: condition && { ...roomy, ...condition },
  ...more
});
const rule = (more: Partial<PlacementRule> = {}): PlacementRule => ({
  copies: 2,
  origin: null,
  bytes: 0,
  offlineGrants: false,
  ...more
});
const anyJob = () => JobId.parse(randomUUID());
const chosenIds = (job: JobId, nodes: readonly Candidate[], of: PlacementRule = rule()) =>
  rankNodes(job, nodes, of).ranked.flatMap(({ id, chosen }) => (chosen ? [id] : []));

const uuid = fc.uuid().map((id) => id.toLowerCase());
const candidate = (domains: readonly string[], laptops: boolean): fc.Arbitrary<Candidate> =>
  fc.record({
    id: uuid.map((id) => DeviceId.parse(id)),
    roles: fc.constant(['node'] as const),
    awake: fc.boolean(),
    condition: fc.record({
      freeBytes: fc.integer({ min: GiB, max: 128 * GiB }),
      power: fc.constantFrom('mains', 'battery'),
      batteryPercent: fc.integer({ min: 0, max: 100 }),
      awakeShare: fc.double({ min: 0, max: 1, noNaN: true }),
      domain: fc.constantFrom(...domains),
      stationary: laptops ? fc.boolean() : fc.constant(true),
      leaving: fc.constant(false)
    })
  });
const mesh = (domains: readonly string[], laptops = true) =>
  fc.uniqueArray(candidate(domains, laptops), { minLength: 2, maxLength: 12, selector: ({ id }) => id });
const jobs = uuid.map((id) => JobId.parse(id));

describe('rendezvous', () => {
  it('gives the same answer whatever the order in which nodes are known', () => {
    fc.assert(
      fc.property(jobs, mesh(['', 'a', 'b']), fc.integer({ min: 1, max: 5 }), (job, nodes, copies) => {
        expect(rankNodes(job, [...nodes].reverse(), rule({ copies }))).toEqual(rankNodes(job, nodes, rule({ copies })));
      })
    );
  });

  it('a node that comes moves only what it wins, and takes it from one other', () => {
    fc.assert(
      fc.property(jobs, mesh(['', 'a', 'b'], false), fc.integer({ min: 1, max: 4 }), (job, nodes, copies) => {
        const [newcomer, ...before] = nodes;
        if (!newcomer) return;
        const old = chosenIds(job, before, rule({ copies }));
        const now = chosenIds(job, nodes, rule({ copies }));
        const gone = old.filter((id) => !now.includes(id));
        if (!now.includes(newcomer.id)) expect(now).toEqual(old);
        expect(gone.length).toBeLessThanOrEqual(1);
      })
    );
  });

  it('spreads jobs in proportion to the weights', () => {
    const half = node({ freeBytes: 32 * GiB });
    const nodes = [node(), node(), half];
    const won = new Map<DeviceId, number>();
    const trials = 6000;
    for (let i = 0; i < trials; i++)
      for (const id of chosenIds(anyJob(), nodes, rule({ copies: 1 }))) won.set(id, (won.get(id) ?? 0) + 1);
    // A fifth of all: 1200 of 6000, standard deviation 31.
    expect(Math.abs((won.get(half.id) ?? 0) - trials / 5)).toBeLessThan(6 * 31);
  });
});

describe('which nodes', () => {
  it('replicas lie in different failure domains while there are any', () => {
    fc.assert(
      fc.property(jobs, mesh(['a', 'b', 'c'], false), fc.integer({ min: 1, max: 3 }), (job, all, copies) => {
        const nodes = all.map((each) => ({ ...each, awake: true }));
        const domains = new Set(nodes.map(({ condition }) => condition?.domain));
        const chosen = chosenIds(job, nodes, rule({ copies }));
        const used = new Set(chosen.map((id) => nodes.find((each) => each.id === id)?.condition?.domain));
        expect(used.size).toBe(Math.min(domains.size, chosen.length));
      })
    );
  });

  it('never all on laptops while an awake machine stays', () => {
    fc.assert(
      fc.property(jobs, mesh(['', 'a']), fc.integer({ min: 1, max: 3 }), (job, all, copies) => {
        const nodes = [...all.map((each) => ({ ...each, awake: true })), node({ freeBytes: GiB })];
        const chosen = chosenIds(job, nodes, rule({ copies }));
        expect(chosen.some((id) => nodes.find((each) => each.id === id)?.condition?.stationary)).toBe(true);
      })
    );
  });

  it('those that hold it count: for the number, for the domains, for what stays', () => {
    const holder = node({ domain: 'cellar', stationary: false });
    const neighbour = node({ domain: 'cellar' });
    const elsewhere = node({ domain: 'attic', freeBytes: GiB });
    const { ranked } = rankNodes(anyJob(), [holder, neighbour, elsewhere], rule({ holders: [holder.id] }));
    expect(ranked.filter(({ chosen }) => chosen).map(({ id }) => id)).toEqual([elsewhere.id]);
  });

  it('the machine that printed it comes last, behind those that sleep', () => {
    const [self, asleep, awake] = [node(), node({}, { awake: false }), node()];
    const { ranked } = rankNodes(anyJob(), [self, asleep, awake], rule({ copies: 1, origin: self.id }));
    expect(ranked.map(({ id, reason }) => [id, reason])).toEqual([
      [awake.id, 'best'],
      [asleep.id, 'asleep'],
      [self.id, 'own-machine']
    ]);
  });

  it('leaving ones, full ones and, with offline grants, stations: never', () => {
    const nodes = [node({ leaving: true }), node({ freeBytes: 9 }), node({}, { roles: ['node', 'station'] })];
    const { ranked, excluded } = rankNodes(anyJob(), nodes, rule({ bytes: 10, offlineGrants: true }));
    expect(ranked).toEqual([]);
    expect(excluded.map(({ reason }) => reason)).toEqual(['leaving', 'no-room', 'station']);
  });
});

it('a node on a low battery that is seldom awake weighs little, and none weighs nothing', () => {
  const poor = { ...roomy, power: 'battery', batteryPercent: 5, awakeShare: 0, stationary: false } as const;
  expect(weightOf(poor)).toBeLessThan(weightOf(roomy) / 30);
  expect(weightOf({ ...poor, freeBytes: 0 })).toBeGreaterThan(0);
  expect(weightOf(roomy)).toBe(1);
});

describe('cloud nodes', () => {
  const outside = (more: Partial<Candidate> = {}) => node({}, { cloud: true, ...more });

  it('are never used unless the rule says so, even where there is nothing else', () => {
    const cloud = outside();
    const { ranked, excluded } = rankNodes(anyJob(), [cloud], rule());
    expect(ranked).toEqual([]);
    expect(excluded).toMatchObject([{ id: cloud.id, chosen: false, reason: 'outside' }]);
    expect(chosenIds(anyJob(), [cloud], rule({ cloudNodes: false }))).toEqual([]);
    expect(chosenIds(anyJob(), [cloud], rule({ cloudNodes: true }))).toEqual([cloud.id]);
  });
  it('fail together: never two of them while there is one inside', () => {
    const [inside, others] = [node({ domain: 'room' }), [outside(), outside(), outside()]];
    for (let n = 0; n < 50; n += 1) {
      const chosen = chosenIds(anyJob(), [inside, ...others], rule({ cloudNodes: true }));
      expect(chosen).toHaveLength(2);
      expect(chosen).toContain(inside.id);
    }
  });
  it('change nothing in the order of the others while they are not allowed', () => {
    fc.assert(
      fc.property(jobs, mesh(['', 'a', 'b']), (job, nodes) => {
        const withCloud = [...nodes, outside(), outside()];
        expect(rankNodes(job, withCloud, rule()).ranked).toEqual(rankNodes(job, nodes, rule()).ranked);
      })
    );
  });
});
