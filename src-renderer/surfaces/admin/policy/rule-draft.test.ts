import { describe, expect, it } from 'vitest';
import { NewPolicyRule, type PolicyRule } from '../../../../src-preload/contract/index.ts';
import { blankRule, draftOf, ruleOf } from './rule-draft.ts';

const rule = {
  id: 'interns-grey',
  words: 'Interns print in black and white.',
  group: '00000000-0000-4000-8000-000000000001',
  effects: {
    color: 'deny',
    replicas: 3,
    holdHours: 0.5,
    pagesPerMonth: 200,
    pageCost: { grey: 5, color: 25 }
  }
} as PolicyRule;

describe('a rule in a form', () => {
  it('comes back as it went in, and as the coordinator wants it', () => {
    expect(ruleOf(draftOf(rule))).toEqual(rule);
    expect(NewPolicyRule.parse(ruleOf(draftOf(rule)))).toEqual(rule);
    const unlimited = { ...rule, effects: { pagesPerMonth: null } };
    expect(ruleOf(draftOf(unlimited))).toEqual(unlimited);
    const marked = { ...rule, effects: { watermark: { text: '{user}, {time}', place: 'diagonal' } } } as PolicyRule;
    expect(ruleOf(draftOf(marked))).toEqual(marked);
    expect(ruleOf({ ...draftOf(marked), watermarkText: ' ' })).toBeUndefined();
    const unmarked = { ...rule, effects: { watermark: null } };
    expect(ruleOf(draftOf(unmarked))).toEqual(unmarked);
  });

  it('is none while it says nothing, or something is missing', () => {
    const draft = draftOf(rule);
    expect(ruleOf({ ...blankRule, id: 'a', words: 'b' })).toBeUndefined();
    expect(ruleOf({ ...draft, words: ' ' })).toBeUndefined();
    expect(ruleOf({ ...draft, id: 'No Such Id' })).toBeUndefined();
    expect(ruleOf({ ...draft, group: '' })).toBeUndefined();
    expect(ruleOf({ ...draft, pagesPerMonth: '' })).toBeUndefined();
    expect(ruleOf({ ...draft, greyCost: 'a lot' })).toBeUndefined();
  });

  it('leaves out what is decided before a printer is chosen, when it is for a printer', () => {
    const there = { ...draftOf(rule), where: 'printer', printer: '00000000-0000-4000-8000-000000000002' };
    expect(ruleOf(there)?.effects).toEqual({
      color: 'deny',
      pagesPerMonth: 200,
      pageCost: { grey: 5, color: 25 }
    });
    expect(NewPolicyRule.safeParse(ruleOf(there)).success).toBe(true);
  });
});
