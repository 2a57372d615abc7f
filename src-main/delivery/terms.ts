import type { PolicyEffect } from '../../src-preload/contract/policy-views.ts';
import type { DocumentFacts } from '../../src-preload/contract/views.ts';
import { find, firstInteger, firstString, keyword, stringsOf } from '../ipp/attributes.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { PolicyRefused } from '../protocol/policy.ts';
import type { PrintedPages, PrintTerms } from '../protocol/print-terms.ts';
import type { DeliveryTicket } from './ticket.ts';
import { requireStampable } from './watermark/stamped.ts';

/** What a job is going to be as far as that is known before it is printed. */
export interface ExpectedPrint {
  /** Printed sides, copies included; null: nobody knows. */
  readonly pages: number | null;
  readonly color: boolean;
}
export interface AgreedPrint {
  readonly ticket: DeliveryTicket;
  readonly expected: ExpectedPrint;
  /** Still to be stamped on the documents. */
  readonly watermark: PrintTerms['watermark'];
}

/**
 * The terms of a grant, held against how the job wants to be printed. Who asks in so many words for what the policy does not
 * allow is refused; who leaves it open gets what the policy wants, and the printer is told so. What its client
 * said of the document is not needed for any of this; only the pages are as its client counted them.
 */
export function agree(ticket: DeliveryTicket, facts: readonly DocumentFacts[], terms: PrintTerms = {}): AgreedPrint {
  const { grey, twoSided, watermark } = terms;
  if (watermark) requireStampable(ticket, watermark);
  const sets = [ticket.job, ...ticket.documents.map(({ template }) => template)];
  requireAgreeable(sets, { grey, twoSided: isOneSide(facts) ? undefined : twoSided });
  const wanted = [
    ...(grey ? [keyword('print-color-mode', 'monochrome')] : []),
    ...(twoSided ? [keyword('sides', 'two-sided-long-edge')] : [])
  ];
  const agreed = wanted.reduce(withDefault, ticket);
  const expected = { pages: pagesOf(agreed, facts), color: !isGrey(agreed, facts) };
  requirePages(expected, terms.pages);
  return { ticket: agreed, expected, watermark };
}

/** What was printed: as the printer counted it, if it did; else as it was expected. */
export function printedPages(
  { pages, color }: ExpectedPrint,
  counted: readonly (number | undefined)[]
): PrintedPages | undefined {
  let sum = 0;
  for (const count of counted) sum += count ?? Number.NaN;
  if (sum > 0) return { pages: sum, from: 'printer', color };
  return pages === null ? undefined : { pages, from: 'document', color };
}

/** PWG 5100.13, section 6.2.3. Any other keyword, a vendor's own too, may be colour. */
const greyModes = ['monochrome', 'auto-monochrome', 'process-monochrome', 'bi-level', 'process-bi-level'];
/** RFC 8011, section 5.2.8. */
const twoSides = ['two-sided-long-edge', 'two-sided-short-edge'];

const leavesOpen = (value: string): boolean => value === 'auto';

/** `sets`: attributes of the job, or of a document. Throws `policy-refused` where they ask for what is not allowed. */
export function requireAgreeable(
  sets: readonly (readonly IppAttribute[])[],
  { grey, twoSided }: Pick<PrintTerms, 'grey' | 'twoSided'>
): void {
  if (grey && !asksOnlyFor(greyModes, 'print-color-mode', sets)) throw new PolicyRefused('color', grey);
  if (twoSided && !asksOnlyFor(twoSides, 'sides', sets)) throw new PolicyRefused('duplex', twoSided);
}

/** What is left open will be said; but not for pages that are to be printed otherwise than the rest (PWG 5100.6). */
function asksOnlyFor(allowed: readonly string[], name: string, sets: readonly (readonly IppAttribute[])[]): boolean {
  const overrides = sets.flatMap((set) =>
    every(set, 'overrides').flatMap(({ values }) =>
      values.flatMap((one) => (one.tag === 'begCollection' ? [one.value] : []))
    )
  );
  const asked = (set: readonly IppAttribute[]) => valuesOf(set, name);
  return (
    sets.flatMap(asked).every((value) => leavesOpen(value) || allowed.includes(value)) &&
    overrides.flatMap(asked).every((value) => allowed.includes(value))
  );
}

/** Also those that stand there twice: which one a printer obeys is its own affair. */
const every = (set: readonly IppAttribute[], name: string): IppAttribute[] => set.filter((one) => one.name === name);
const valuesOf = (set: readonly IppAttribute[], name: string): string[] =>
  every(set, name).flatMap((one) => stringsOf([one], name));

/** Said for the whole job, and for each document that has a word of its own and leaves it open. */
function withDefault(ticket: DeliveryTicket, wanted: IppAttribute): DeliveryTicket {
  const { name } = wanted;
  const isSaid = (values: readonly string[]) => values.length > 0 && !values.some(leavesOpen);
  const completed = (set: readonly IppAttribute[]) =>
    isSaid(valuesOf(set, name)) ? set : [...set.filter((one) => one.name !== name), wanted];
  return {
    ...ticket,
    job: completed(ticket.job),
    documents: ticket.documents.map((document) =>
      find(document.template, name) ? { ...document, template: completed(document.template) } : document
    )
  };
}

const isOneSide = (facts: readonly DocumentFacts[]): boolean => facts.every(({ pages }) => pages === 1);

/** Of a job that prints only some of its pages nobody knows how many there will be. */
function pagesOf({ job, documents }: DeliveryTicket, facts: readonly DocumentFacts[]): number | null {
  let sum = 0;
  for (const [i, { template }] of documents.entries()) {
    const sets = [template, job];
    const pages = facts[i]?.pages;
    if (pages === undefined || sets.some((set) => find(set, 'page-ranges') ?? find(set, 'pages-per-subset')))
      return null;
    const number = (name: string) => Math.max(1, firstInteger(template, name) ?? firstInteger(job, name) ?? 1);
    sum += Math.ceil(pages / number('number-up')) * number('copies');
  }
  return sum;
}

function isGrey({ job, documents }: DeliveryTicket, facts: readonly DocumentFacts[]): boolean {
  const asked = (template: readonly IppAttribute[]) =>
    firstString(template, 'print-color-mode') ?? firstString(job, 'print-color-mode');
  return documents.every(({ template }, i) => {
    const mode = asked(template);
    return (mode !== undefined && greyModes.includes(mode)) || facts[i]?.color === false;
  });
}

function requirePages({ pages }: ExpectedPrint, left: PrintTerms['pages']): void {
  const effect: PolicyEffect = 'pagesPerMonth';
  if (left && pages !== null && pages > left.left)
    throw new PolicyRefused(effect, left, `${pages} pages, ${left.left} left this month.`);
}
