import { z } from 'zod';
import { PolicyReason, WatermarkPlace } from '../../src-preload/contract/policy-views.ts';
import { limits } from '../base/limits.ts';
import type { Decisions } from './policy.ts';

/**
 * What the policy asks of a print and only the delivering node can check, because the coordinator never sees how a job wants
 * to be printed. Part of the signed grant, so that the node needs neither the rules nor the groups of people. Absent: nothing.
 */
export const PrintTerms = z.object({
  /** Black and white only. */
  grey: PolicyReason.optional(),
  /** Both sides of the sheet only. */
  twoSided: PolicyReason.optional(),
  /** Printed sides that the user has left this month. */
  pages: PolicyReason.extend({ left: z.int().min(0) }).optional(),
  /** To be stamped on every page, word for word. */
  watermark: PolicyReason.extend({
    text: z.string().min(1).max(limits.watermarkText),
    place: WatermarkPlace
  }).optional()
});
export type PrintTerms = z.infer<typeof PrintTerms>;

/** `printed`: sides that this user has had this month. */
export function termsOf({ color, duplex, pagesPerMonth }: Decisions, printed: number): PrintTerms {
  const left = pagesPerMonth.value === null ? null : Math.max(0, pagesPerMonth.value - printed);
  return {
    ...(color.value === 'deny' ? { grey: PolicyReason.parse(color) } : {}),
    ...(duplex.value === 'required' ? { twoSided: PolicyReason.parse(duplex) } : {}),
    ...(left === null ? {} : { pages: { ...PolicyReason.parse(pagesPerMonth), left } })
  };
}

/** What was printed, as the delivering node knows it. Not known: absent, never guessed. */
export const PrintedPages = z.object({
  /** Printed sides, copies included. */
  pages: z.int().min(0).max(10_000_000),
  /** `printer`: it counted them. `document`: sealed with the job by the client that printed it. */
  from: z.enum(['printer', 'document']),
  color: z.boolean()
});
export type PrintedPages = z.infer<typeof PrintedPages>;
