import type { Input, PolicyEffect, PolicyEffects, PolicyRule } from '../../../../src-preload/contract/index.ts';

/** A rule as a form holds it: texts, an empty one where nothing is said. */
export const blankRule = {
  id: '',
  words: '',
  who: '',
  user: '',
  group: '',
  where: '',
  printer: '',
  site: '',
  print: '',
  color: '',
  duplex: '',
  custody: '',
  replicas: '',
  quorum: '',
  cloudNodes: '',
  holdHours: '',
  deliveryGrade: '',
  pages: '',
  pagesPerMonth: '',
  greyCost: '',
  colorCost: '',
  watermark: '',
  watermarkText: ''
};
export type RuleDraft = typeof blankRule;

const money = (hundredths: number | undefined) => (hundredths === undefined ? '' : (hundredths / 100).toFixed(2));
const hundredths = (text: string) => Math.round(Number(text.replace(',', '.')) * 100);

export const draftOf = (rule: PolicyRule): RuleDraft => {
  const { id, words, user, group, printer, site, effects } = rule;
  const {
    print,
    color,
    duplex,
    custody,
    replicas,
    quorum,
    cloudNodes,
    holdHours,
    deliveryGrade,
    pagesPerMonth,
    pageCost,
    watermark
  } = effects;
  return {
    id,
    words,
    who: user ? 'user' : group ? 'group' : '',
    user: user ?? '',
    group: group ?? '',
    where: printer ? 'printer' : site ? 'site' : '',
    printer: printer ?? '',
    site: site ?? '',
    print: print ?? '',
    color: color ?? '',
    duplex: duplex ?? '',
    custody: custody ?? '',
    replicas: replicas?.toString() ?? '',
    quorum: quorum?.toString() ?? '',
    cloudNodes: cloudNodes ?? '',
    holdHours: holdHours?.toString() ?? '',
    deliveryGrade: deliveryGrade ?? '',
    pages: pagesPerMonth === undefined ? '' : pagesPerMonth === null ? 'unlimited' : 'limited',
    pagesPerMonth: pagesPerMonth?.toString() ?? '',
    greyCost: money(pageCost?.grey),
    colorCost: money(pageCost?.color),
    watermark: watermark === null ? 'none' : (watermark?.place ?? ''),
    watermarkText: watermark?.text ?? ''
  };
};

type NewRule = Input<'admin.policy.rule.set'>['rule'];

/** The rule that the form describes; undefined while something is missing. The coordinator looks at it again. */
export const ruleOf = (draft: RuleDraft): NewRule | undefined => {
  const { id, words, who, where, user, group, printer, site } = draft;
  const effects = effectsOf(draft);
  const complete =
    /^[a-z0-9][a-z0-9-]{0,47}$/.test(id) &&
    words.trim() !== '' &&
    (who === '' || (who === 'user' ? user : group) !== '') &&
    (where === '' || (where === 'printer' ? printer : site) !== '') &&
    Object.keys(effects).length > 0 &&
    (!['footer', 'diagonal'].includes(draft.watermark) || draft.watermarkText.trim() !== '') &&
    numbersIn(effects).every((number) => Number.isFinite(number) && number >= 0);
  if (!complete) return undefined;
  return {
    id,
    words,
    ...(who === 'user' && { user }),
    ...(who === 'group' && { group }),
    ...(where === 'printer' && { printer }),
    ...(where === 'site' && { site }),
    effects
  } as NewRule;
};

const numbersIn = (value: unknown): readonly number[] => {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
};

const effectsOf = (draft: RuleDraft): object => {
  const said = (name: PolicyEffect & keyof RuleDraft) =>
    draft[name] !== '' && !(draft.where === 'printer' && beforePrinter.includes(name));
  return {
    ...(said('print') && { print: draft.print }),
    ...(said('color') && { color: draft.color }),
    ...(said('duplex') && { duplex: draft.duplex }),
    ...(said('custody') && { custody: draft.custody }),
    ...(said('replicas') && { replicas: Number(draft.replicas) }),
    ...(said('quorum') && { quorum: Number(draft.quorum) }),
    ...(said('cloudNodes') && { cloudNodes: draft.cloudNodes }),
    ...(said('holdHours') && { holdHours: Number(draft.holdHours) }),
    ...(said('deliveryGrade') && { deliveryGrade: draft.deliveryGrade }),
    ...(draft.pages !== '' && {
      pagesPerMonth: draft.pages === 'unlimited' ? null : Number(draft.pagesPerMonth || Number.NaN)
    }),
    ...((draft.greyCost !== '' || draft.colorCost !== '') && {
      pageCost: { grey: hundredths(draft.greyCost), color: hundredths(draft.colorCost) }
    }),
    ...(draft.watermark !== '' && {
      watermark: draft.watermark === 'none' ? null : { text: draft.watermarkText, place: draft.watermark }
    })
  };
};

/** What is decided before a printer is chosen, so that a rule for a printer cannot say it. */
export const beforePrinter: readonly PolicyEffect[] = ['custody', 'replicas', 'quorum', 'holdHours', 'cloudNodes'];

/** Each thing that a rule says, in the order of the form. */
export const saidBy = (effects: PolicyEffects): readonly (readonly [PolicyEffect, unknown])[] =>
  (Object.entries(effects) as [PolicyEffect, unknown][]).filter(([, value]) => value !== undefined);
