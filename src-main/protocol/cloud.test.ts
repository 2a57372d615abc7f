import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceId, PolicyRule, PolicyView, UserGroupId, UserId } from '../../src-preload/contract/index.ts';
import { cloudAllowed, cloudDecision, cloudEverAllowed, requirePlace } from './cloud.ts';
import { decide } from './policy.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [ada, bob] = [id(1) as UserId, id(2) as UserId];
const [travellers, vault] = [id(11) as UserGroupId, id(12) as UserGroupId];
const laptop = id(21) as DeviceId;

const known = (cloudNodes: 'allow' | 'deny', list: PolicyRule[] = [], ownerGroups: UserGroupId[] = []) => ({
  policy: { replicas: 2, holdHours: 24, cloudNodes } as PolicyView,
  rules: { version: 3, list },
  devices: [
    {
      ...{
        id: laptop,
        name: 'laptop',
        roles: ['client' as const],
        status: 'approved' as const,
        signing: '',
        sealing: ''
      },
      ...{ url: null, owner: ada, ownerName: 'Ada', ownerGroups }
    }
  ]
});
const rule = (cloudNodes: 'allow' | 'deny', who: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ id: `${cloudNodes}-${who.group ?? who.user ?? who.site ?? 'all'}`, words: 'words', effects: { cloudNodes } },
  ...who
});
const adas = { device: laptop, owner: ada, site: 'main' };
const bobs = { ...adas, owner: bob };

describe('whether a job may lie on cloud nodes', () => {
  it('is what the settings say, and what rules say of its owner', () => {
    expect(cloudAllowed(known('deny'), adas)).toBe(false);
    expect(cloudAllowed(known('allow'), adas)).toBe(true);
    expect(cloudAllowed(known('deny', [rule('allow', { user: ada })]), adas)).toBe(true);
    expect(cloudAllowed(known('deny', [rule('allow', { user: ada })]), bobs)).toBe(false);
    expect(cloudAllowed(known('deny', [rule('allow', { group: travellers })], [travellers]), adas)).toBe(true);
    expect(cloudAllowed(known('deny', [rule('allow', { group: travellers })]), adas)).toBe(false);
    expect(cloudAllowed(known('allow', [rule('deny', { site: 'main' })]), adas)).toBe(false);
    expect(cloudAllowed(null, adas)).toBe(false);
  });
  it('is not guessed of somebody whose groups are not known', () => {
    const rules = [rule('allow', { group: travellers }), rule('deny', { group: vault })];
    expect(cloudAllowed(known('deny', rules), bobs)).toBe(false);
    expect(cloudAllowed(known('allow', rules), bobs)).toBe(false);
    expect(cloudAllowed(known('allow', rules), adas)).toBe(true);
    expect(cloudAllowed(known('allow', [...rules, rule('allow', { user: bob })]), bobs)).toBe(true);
  });
  it('never comes out laxer than with the groups that they are really in', () => {
    const effect = fc.constantFrom('allow' as const, 'deny' as const);
    const who = fc.record(
      {
        user: fc.constantFrom(ada, bob),
        group: fc.constantFrom(travellers, vault),
        site: fc.constantFrom('main', 'x')
      },
      { requiredKeys: [] }
    );
    const rules = fc.array(fc.tuple(effect, who).map(([value, of]) => rule(value, of)));
    const groups = fc.subarray([travellers, vault]);
    fc.assert(
      fc.property(effect, rules, groups, (settings, list, really) => {
        const directory = known(settings, list);
        const policy = { version: 3, settings: directory.policy, rules: list };
        if (cloudAllowed(directory, bobs))
          expect(decide(policy, { user: bob, groups: really, site: 'main' }).cloudNodes.value).toBe('allow');
      })
    );
  });
  it('is no for everybody and everything with deny and no rule that allows', () => {
    const rules = fc.array(fc.constantFrom(rule('deny'), rule('deny', { user: ada }), rule('deny', { group: vault })));
    const owner = fc.uuid().map((one) => one as UserId);
    fc.assert(
      fc.property(rules, owner, fc.string(), (list, user, site) => {
        const directory = known('deny', list, [vault, travellers]);
        expect(cloudEverAllowed(directory)).toBe(false);
        for (const one of [user, ada])
          expect(cloudAllowed(directory, { device: laptop, owner: one, site })).toBe(false);
      })
    );
  });
});

describe('the guard', () => {
  it('refuses with the rule that says so, and lets nodes inside be', () => {
    const directory = known('allow', [rule('deny', { user: ada })]);
    expect(() => requirePlace({ cloud: true }, directory, adas)).toThrow(
      expect.objectContaining({
        code: 'policy-refused',
        effect: 'cloudNodes',
        detail: expect.stringContaining('words')
      })
    );
    expect(() => requirePlace({ cloud: true }, null, bobs)).toThrow(
      expect.objectContaining({ code: 'policy-refused' })
    );
    requirePlace({ cloud: true }, directory, bobs);
    requirePlace({}, directory, adas);
    requirePlace({ cloud: false }, null, adas);
    expect(cloudDecision(directory, adas)).toMatchObject({ value: 'deny', version: 3 });
  });
});
