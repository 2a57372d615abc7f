import type { JobId } from '../../src-preload/contract/ids.ts';
import { PolicyReason } from '../../src-preload/contract/policy-views.ts';
import { isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Decisions } from './policy.ts';
import type { PrintTerms } from './print-terms.ts';

/** What a watermark can say of a print. */
export interface PrintFacts {
  /** Name of who releases it, and so stands at the printer. */
  readonly user: string;
  readonly printer: string;
  readonly job: JobId;
  /** Milliseconds. */
  readonly now: number;
}

/**
 * The term of a grant for a watermark. Its words are put in by who grants, who knows the names; so that what the node stamps is
 * signed as it stands.
 */
export function watermarkTerm(
  { watermark: { value, ...reason } }: Pick<Decisions, 'watermark'>,
  facts: PrintFacts
): Pick<PrintTerms, 'watermark'> {
  if (value === null) return {};
  return { watermark: { ...PolicyReason.parse(reason), text: filled(value.text, facts), place: value.place } };
}

function filled(template: string, { user, printer, job, now }: PrintFacts): string {
  const words: Record<string, string> = {
    user: name(user),
    printer: name(printer),
    job: job.slice(0, 8),
    time: `${isoTime(now).slice(0, 16).replace('T', ' ')} UTC`
  };
  const text = template.replace(/\{(.*?)\}/g, (braces, word: string) => words[word] ?? braces);
  return oneLine(text).slice(0, limits.watermarkText);
}

/** Short enough that the rest of the text has room. */
const name = (text: string): string => oneLine(text).slice(0, 48);
const oneLine = (text: string): string => text.replace(/[\s\p{C}]+/gu, ' ').trim();
