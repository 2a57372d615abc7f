import { z } from 'zod';
import { DeviceId, PairingId, TokenId } from '../ids.ts';
import { SiteId } from '../site-views.ts';
import { DeviceView, PairingRequestView, Role, TokenView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { done, Name, none } from './fields.ts';

const NewToken = z.object({
  roles: z.array(Role).min(1),
  maxUses: z.number().int().min(1).max(10_000).default(1),
  hours: z
    .number()
    .positive()
    .max(24 * 90)
    .default(24),
  owner: Name.optional(),
  /** Of the machines that it enrols; absent: the first one. */
  site: SiteId.optional(),
  /** The nodes that it enrols stand outside of the organization's network. */
  cloud: z.boolean().optional()
});

/** Pairing, approved machines and the tokens that enrol them. */
export const deviceProcedures = {
  'admin.pairing.list': procedure(admin.read, none, z.array(PairingRequestView)),
  /** `code`: as read on the other screen. It must match; the approval is refused otherwise. `site`: absent, the first one. */
  'admin.pairing.approve': procedure(
    admin.manage,
    z.object({
      id: PairingId,
      code: z.string().regex(/^\d{6}$/),
      owner: Name.optional(),
      site: SiteId.optional(),
      /** A node outside of the organization's network. */
      cloud: z.boolean().optional()
    }),
    DeviceView
  ),
  'admin.pairing.reject': procedure(admin.manage, z.object({ id: PairingId }), done),
  'admin.device.list': procedure(admin.read, none, z.array(DeviceView)),
  'admin.device.revoke': procedure(admin.dangerous, z.object({ id: DeviceId }), done),
  /** Like a revocation that can be taken back: it keeps its keys, and nothing is done with it. */
  'admin.device.suspend': procedure(admin.manage, z.object({ id: DeviceId, suspended: z.boolean() }), done),
  /** Whether a node stands outside of the organization's network. What may not lie there then is erased there. */
  'admin.device.cloud': procedure(admin.dangerous, z.object({ id: DeviceId, cloud: z.boolean() }), DeviceView),
  'admin.token.create': procedure(admin.manage, NewToken, TokenView.extend({ token: z.string() })),
  'admin.token.list': procedure(admin.read, none, z.array(TokenView)),
  'admin.token.revoke': procedure(admin.manage, z.object({ id: TokenId }), done)
} as const;
