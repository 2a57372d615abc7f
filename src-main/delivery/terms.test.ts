import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DocumentFacts } from '../../src-preload/contract/views.ts';
import { collections, firstString, integer, keyword, range } from '../ipp/attributes.ts';
import type { IppAttribute } from '../ipp/message.ts';
import type { PrintTerms } from '../protocol/print-terms.ts';
import { agree, printedPages } from './terms.ts';
import { deliveryFixture, group, last } from './testing/fixture.ts';

const reason = { rule: 'grey', words: 'Interns print grey', version: 3 };
const grey: PrintTerms = { grey: reason };
const twoSided: PrintTerms = { twoSided: reason };
const ticket = (job: IppAttribute[], ...templates: IppAttribute[][]) => ({
  operation: [],
  job,
  documents: templates.map((template) => ({ format: 'application/pdf', size: 1, operation: [], template }))
});
const facts = (...all: DocumentFacts[]) => all;
const color = (mode: string) => keyword('print-color-mode', mode);
const sides = (value: string) => keyword('sides', value);
const refused = expect.objectContaining({
  code: 'policy-refused',
  detail: 'rule grey, version 3: Interns print grey'
});

describe('black and white only', () => {
  it.each<[string, IppAttribute[], IppAttribute[]]>([
    ['the job', [color('color')], []],
    ['a document', [color('monochrome')], [color('color')]],
    ['a word that nobody knows', [color('vendor-vivid')], []],
    ['a second word', [color('monochrome'), color('color')], []],
    ['pages that are left to the printer', [collections('overrides', [color('auto')])], []],
    ['some pages', [collections('overrides', [color('color')])], []],
    ['some pages of a document', [color('monochrome')], [collections('overrides', [color('highlight')])]]
  ])('refuses where %s may ask for colour', (_, job, template) => {
    expect(() => agree(ticket(job, [], template), facts({}, {}), grey)).toThrow(refused);
    expect(agree(ticket(job, [], template), facts({}, {})).ticket.job).toEqual(job);
  });
  it.each([
    [[]],
    [[color('auto')]],
    [[color('monochrome'), color('auto')]],
    [[color('monochrome')]],
    [[color('process-monochrome')]]
  ])('tells the printer where the job leaves it open: %j', (job: IppAttribute[]) => {
    // That the client calls the document grey or coloured changes nothing.
    for (const said of [{ color: true }, { color: false }, {}]) {
      const agreed = agree(ticket(job, [], [color('auto')]), facts(said, said), grey);
      expect(firstString(agreed.ticket.job, 'print-color-mode')).toMatch(/monochrome$/);
      expect(agreed.ticket.job).toHaveLength(1);
      expect(firstString(agreed.ticket.documents[1]?.template ?? [], 'print-color-mode')).toBe('monochrome');
      expect(agreed.expected.color).toBe(false);
    }
  });
});

describe('two sides only', () => {
  it('refuses one-sided, says it where nothing is said, and lets a single page be', () => {
    expect(() => agree(ticket([sides('one-sided')], []), facts({ pages: 2 }), twoSided)).toThrow(refused);
    expect(() => agree(ticket([sides('one-sided')], []), facts({}), twoSided)).toThrow(refused);
    expect(() => agree(ticket([], [collections('overrides', [sides('one-sided')])]), facts({}), twoSided)).toThrow(
      refused
    );
    expect(agree(ticket([sides('one-sided')], []), facts({ pages: 1 }), twoSided).expected.pages).toBe(1);
    expect(agree(ticket([], []), facts({}), twoSided).ticket.job).toEqual([sides('two-sided-long-edge')]);
    const short = [sides('two-sided-short-edge')];
    expect(agree(ticket(short, []), facts({}), twoSided).ticket.job).toEqual(short);
  });
});

describe('pages', () => {
  it.each<[string, IppAttribute[], IppAttribute[][], DocumentFacts[], number | null]>([
    ['as counted', [], [[]], [{ pages: 5 }], 5],
    ['copies', [integer('copies', 3)], [[]], [{ pages: 5 }], 15],
    ['copies of a document', [integer('copies', 3)], [[integer('copies', 2)], []], [{ pages: 5 }, { pages: 1 }], 13],
    ['four to a side', [integer('number-up', 4)], [[]], [{ pages: 5 }], 2],
    ['unknown', [], [[], []], [{ pages: 5 }, {}], null],
    ['some of them', [range('page-ranges', 1, 2)], [[]], [{ pages: 5 }], null]
  ])('%s', (_, job, templates, known, pages) => {
    expect(agree(ticket(job, ...templates), known).expected.pages).toBe(pages);
  });

  it('more than are left are refused, unknown ones are not', () => {
    const terms = { pages: { ...reason, left: 4 } };
    const about = expect.objectContaining({ detail: expect.stringContaining('5 pages, 4 left') });
    expect(() => agree(ticket([], []), facts({ pages: 5 }), terms)).toThrow(about);
    expect(agree(ticket([], []), facts({}), terms).expected.pages).toBeNull();
    expect(agree(ticket([], []), facts({ pages: 4 }), terms).expected.pages).toBe(4);
  });

  it('are those that the printer counted in all parts, else those of the document', () => {
    const expected = { pages: 5, color: true };
    expect(printedPages(expected, [2, 4])).toEqual({ pages: 6, from: 'printer', color: true });
    expect(printedPages(expected, [2, undefined])).toEqual({ pages: 5, from: 'document', color: true });
    expect(printedPages(expected, [0])).toMatchObject({ from: 'document' });
    expect(printedPages({ pages: null, color: true }, [undefined])).toBeUndefined();
  });
});

describe('a node', () => {
  const { organization, secure, held, grantOf, release } = deliveryFixture();
  const job = (...attributes: IppAttribute[]) => {
    const size = 100;
    const documents = [{ format: 'application/pdf', size, facts: { pages: 7 } }];
    return held(randomBytes(size), { metadata: { attributes: group(...attributes), documents } });
  };
  const outcomes = () =>
    organization()
      .calls.filter(({ path }) => path.endsWith('/outcome'))
      .map(({ body }) => body);

  it('refuses before the printer is spoken to, and says by which rule', async () => {
    const { sealed, replica } = await job(color('color'));
    await expect(release(await grantOf(sealed, { terms: grey }), replica)).rejects.toEqual(refused);
    expect(secure().jobs).toEqual([]);
    expect(outcomes()).toMatchObject([
      { result: 'failed', code: 'policy-refused', refused: { rule: 'grey', version: 3, effect: 'color' } }
    ]);
  });

  it('tells the printer, and the coordinator how many pages there were', async () => {
    const { sealed, replica } = await job(integer('copies', 2));
    expect(last(await release(await grantOf(sealed, { terms: { ...grey, ...twoSided } }), replica))).toEqual({
      type: 'completed'
    });
    const printed = secure().jobs[0]?.job ?? [];
    expect([firstString(printed, 'print-color-mode'), firstString(printed, 'sides')]).toEqual([
      'monochrome',
      'two-sided-long-edge'
    ]);
    expect(outcomes().at(-1)).toMatchObject({ result: 'completed', printed: { pages: 14, color: false } });
  });
});
