import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  PolicyEffect,
  PolicyEffects,
  PolicyRule,
  PolicyView,
  PrinterId,
  UserGroupId,
  UserId
} from '../../src-preload/contract/index.ts';
import { NewPolicyRule } from '../../src-preload/contract/index.ts';
import { type Decisions, decide, type Policy, type PolicySubject, refusedEverywhere, strictness } from './policy.ts';
import { testPolicy } from './testing/policy.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [ada, bob] = [id(1) as UserId, id(2) as UserId];
const [interns, staff] = [id(11) as UserGroupId, id(12) as UserGroupId];
const [hall, safe] = [id(21) as PrinterId, id(22) as PrinterId];

const settings: PolicyView = testPolicy;
const policy = (...rules: PolicyRule[]): Policy => ({ version: 7, settings, rules });
const subject = (change: Partial<PolicySubject> = {}): PolicySubject => ({
  ...{ user: ada, groups: [interns], site: 'main', printer: hall },
  ...change
});
const rule = (name: string, effects: PolicyEffects, who: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ id: name, words: `words of ${name}`, effects },
  ...who
});

describe('which rule counts', () => {
  it.each<[string, PolicyRule[], string, unknown]>([
    ['none: the settings', [], 'settings', 'allow'],
    [
      'a group before everybody',
      [rule('all', { color: 'allow' }), rule('g', { color: 'deny' }, { group: interns })],
      'g',
      'deny'
    ],
    [
      'a group before a site',
      [rule('s', { color: 'deny' }, { site: 'main' }), rule('g', { color: 'allow' }, { group: interns })],
      'g',
      'allow'
    ],
    [
      'a printer before a group',
      [rule('p', { color: 'allow' }, { printer: hall }), rule('g', { color: 'deny' }, { group: interns })],
      'p',
      'allow'
    ],
    [
      'a user before a printer',
      [rule('u', { color: 'allow' }, { user: ada }), rule('p', { color: 'deny' }, { printer: hall })],
      'u',
      'allow'
    ],
    [
      'a group at a printer before the printer',
      [
        rule('gp', { color: 'deny' }, { group: interns, printer: hall }),
        rule('p', { color: 'allow' }, { printer: hall })
      ],
      'gp',
      'deny'
    ],
    [
      'what does not match never',
      [rule('x', { color: 'deny' }, { user: bob }), rule('y', { color: 'deny' }, { printer: safe })],
      'settings',
      'allow'
    ],
    ['the strictest of equals', [rule('a', { color: 'allow' }), rule('b', { color: 'deny' })], 'b', 'deny'],
    [
      'what says nothing of it never',
      [rule('u', { duplex: 'required' }, { user: ada }), rule('a', { color: 'deny' })],
      'a',
      'deny'
    ]
  ])('%s', (_, rules, reason, value) => {
    expect(decide(policy(...rules), subject()).color).toMatchObject({ rule: reason, value, version: 7 });
  });

  it('is the strictest of two groups, for each part alone', () => {
    const rules = [
      rule('a', { pagesPerMonth: 100, holdHours: 12 }, { group: interns }),
      rule('b', { pagesPerMonth: null, holdHours: 2 }, { group: staff })
    ];
    const decided = decide(policy(...rules), subject({ groups: [interns, staff] }));
    expect(decided.pagesPerMonth).toMatchObject({ value: 100, rule: 'a' });
    expect(decided.holdHours).toMatchObject({ value: 2, rule: 'b' });
  });
});

describe('before a printer is chosen', () => {
  const closed = rule('closed', { print: 'deny' }, { group: interns });
  const open = rule('open', { print: 'allow' }, { group: interns, printer: safe });
  const nowhere = subject({ printer: undefined });
  const at = (printer: PrinterId) => ({ printer, site: 'main' });

  it('one printer where it is allowed is enough', () => {
    expect(refusedEverywhere(policy(closed, open), nowhere, [hall, safe].map(at))).toBeNull();
    const refused = refusedEverywhere(policy(closed, open), nowhere, [hall].map(at));
    expect(refused).toMatchObject({ code: 'policy-refused', detail: 'rule closed, version 7: words of closed' });
  });
  it('a printer of another site is one, and what is denied at its site does not count here', () => {
    const north = { printer: safe, site: 'north' };
    const here = rule('here', { print: 'deny' }, { site: 'main' });
    expect(refusedEverywhere(policy(here), nowhere, [at(hall)])).toMatchObject({ reason: { rule: 'here' } });
    expect(refusedEverywhere(policy(here), nowhere, [at(hall), north])).toBeNull();
    const there = rule('there', { print: 'deny' }, { site: 'north' });
    expect(refusedEverywhere(policy(there), nowhere, [north])).toMatchObject({ reason: { rule: 'there' } });
    expect(refusedEverywhere(policy(there), nowhere, [at(hall), north])).toBeNull();
  });
  it('without printers what holds everywhere counts', () => {
    expect(refusedEverywhere(policy(), nowhere, [])).toBeNull();
    expect(refusedEverywhere(policy(closed), nowhere, [])).toMatchObject({ reason: { rule: 'closed' } });
  });
});

describe('a rule', () => {
  it.each([
    ['says nothing', rule('r', {})],
    ['is for a user and a group', rule('r', { color: 'deny' }, { user: ada, group: staff })],
    ['is for a printer and a site', rule('r', { color: 'deny' }, { printer: hall, site: 'main' })],
    ['keeps for a printer what comes before it', rule('r', { holdHours: 2 }, { printer: hall })],
    ['keeps longer than a week', rule('r', { holdHours: 169 })],
    ['wants six replicas', rule('r', { replicas: 6 })]
  ])('that %s is refused', (_, wrong) => {
    expect(NewPolicyRule.safeParse(wrong).success).toBe(false);
  });
});

describe('for all rules', () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const effectsArbitrary: fc.Arbitrary<PolicyEffects> = fc.record(
    {
      print: fc.constantFrom('allow' as const, 'deny' as const),
      color: fc.constantFrom('allow' as const, 'deny' as const),
      holdHours: fc.integer({ min: 1, max: 168 }),
      deliveryGrade: fc.constantFrom('ipps-required' as const, 'ipps-preferred' as const, 'plain-allowed' as const),
      pagesPerMonth: fc.option(fc.integer({ min: 0, max: 1000 }))
    },
    { requiredKeys: [] }
  );
  const ruleArbitrary = fc
    .record({
      id: fc.stringMatching(/^[a-z]{1,6}$/),
      user: maybe(fc.constantFrom(ada, bob)),
      group: maybe(fc.constantFrom(interns, staff)),
      printer: maybe(fc.constantFrom(hall, safe)),
      site: maybe(fc.constantFrom('main', 'annex')),
      effects: effectsArbitrary
    })
    .map((one) => JSON.parse(JSON.stringify({ words: 'w', ...one })) as PolicyRule);
  const rules = fc.uniqueArray(ruleArbitrary, { maxLength: 12, selector: (one) => one.id });
  const subjects = fc.record({
    user: fc.constantFrom(ada, bob),
    groups: fc.subarray([interns, staff]),
    site: fc.constantFrom('main', 'annex'),
    printer: maybe(fc.constantFrom(hall, safe))
  });
  const strict = (decided: Decisions): Record<string, number> =>
    Object.fromEntries(
      Object.entries(decided).map(([name, { value }]) => [
        name,
        (strictness[name as PolicyEffect] as (value: unknown) => number)(value)
      ])
    );

  it('there is an answer, and it names a rule that says just that', () => {
    fc.assert(
      fc.property(rules, subjects, (all, one) => {
        for (const [effect, { value, rule: reason }] of Object.entries(decide(policy(...all), one))) {
          if (reason === 'settings') continue;
          const named = all.find((each) => each.id === reason);
          expect(named?.effects[effect as PolicyEffect]).toEqual(value);
        }
      })
    );
  });
  it('their order does not matter', () => {
    fc.assert(
      fc.property(rules, subjects, (all, one) => {
        expect(decide(policy(...all.toReversed()), one)).toEqual(decide(policy(...all), one));
      })
    );
  });
  it('one more refusal never allows anything', () => {
    fc.assert(
      fc.property(rules, ruleArbitrary, subjects, (all, more, one) => {
        const deny = { ...more, id: 'zzzzzzz', effects: { print: 'deny', color: 'deny', duplex: 'required' } as const };
        const before = strict(decide(policy(...all), one));
        const after = strict(decide(policy(...all, deny), one));
        for (const [name, level] of Object.entries(before)) expect(after[name]).toBeGreaterThanOrEqual(level);
      })
    );
  });
  it('rules for others change nothing', () => {
    fc.assert(
      fc.property(rules, ruleArbitrary, fc.subarray([interns, staff]), (all, other, groups) => {
        const one = subject({ user: ada, groups });
        const theirs = { ...other, id: 'zzzzzzz', user: bob };
        expect(decide(policy(...all, theirs), one)).toEqual(decide(policy(...all), one));
      })
    );
  });
});
