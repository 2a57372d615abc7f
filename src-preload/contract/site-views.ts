import { z } from 'zod';

/** A building or branch of the organization. Chosen by whoever makes it, and never changed: jobs and rules of the policy name it. */
export const SiteId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/);
export type SiteId = z.infer<typeof SiteId>;

export const SiteView = z.object({
  id: SiteId,
  name: z.string(),
  created: z.string(),
  /** Approved machines, suspended ones too. */
  devices: z.int(),
  /** That are approved or wait for it. */
  printers: z.int(),
  /** That are not final: they hold the site's release keys. */
  heldJobs: z.int(),
  /** Of the release key that new jobs of the site are sealed to. */
  releaseKeyEpoch: z.int(),
  /** The one that the organization began with; it stays. */
  first: z.boolean()
});
export type SiteView = z.infer<typeof SiteView>;
