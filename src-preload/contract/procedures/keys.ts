import { z } from 'zod';
import { SiteId } from '../site-views.ts';
import { KeyStatus } from '../views.ts';
import { admin, procedure } from './access.ts';
import { done, none } from './fields.ts';

/** Release keys and what holds everything up. */
export const keyProcedures = {
  'admin.key.list': procedure(
    admin.read,
    none,
    z.array(
      z.object({
        /** Unique in the organization. */
        epoch: z.number(),
        /** Whose jobs it opens, and no other's. */
        site: SiteId,
        created: z.string(),
        /** New jobs of its site are sealed to it. */
        current: z.boolean(),
        destroyed: z.boolean(),
        /** That are not final and need it. */
        jobs: z.number()
      })
    )
  ),
  /** 0: a new release key only when somebody asks for one. */
  'admin.key.schedule': procedure(admin.dangerous, z.object({ rotationDays: z.number().int().min(0).max(3650) }), done),
  /** `site`: absent, every one. `epoch`: the newest of `keys`, one for each site. */
  'admin.key.rotate': procedure(
    admin.dangerous,
    z.object({ site: SiteId.optional() }),
    z.object({ epoch: z.number(), keys: z.array(z.object({ epoch: z.number(), site: SiteId })) })
  ),
  'admin.key.destroy': procedure(admin.dangerous, z.object({ epoch: z.number().int() }), done),
  'admin.key.status': procedure(admin.read, none, KeyStatus),
  /** The whole organization: jobs are taken and held, nothing is opened. */
  'admin.key.suspend': procedure(admin.dangerous, z.object({ suspended: z.boolean() }), done),
  /** All release keys under a new master key, the old one destroyed. `releaseKeys`: how many. */
  'admin.key.rotate-master': procedure(admin.dangerous, none, z.object({ releaseKeys: z.number() })),
  /** The certificate authority. `previous`: the one before, while so many approved machines have a living certificate of it. */
  'admin.key.authority': procedure(
    admin.read,
    none,
    z.object({ ends: z.string(), previous: z.object({ ends: z.string(), devices: z.number() }).nullable() })
  ),
  /** A new authority, whose certificates machines fetch by themselves. */
  'admin.key.renew-authority': procedure(admin.dangerous, none, done)
} as const;
