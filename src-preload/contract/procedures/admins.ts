import { z } from 'zod';
import { ApiTokenId } from '../ids.ts';
import { AdminAccountView, AdminName, AdminRole, ApiScope, ApiTokenView } from '../web-views.ts';
import { admin, procedure } from './access.ts';
import { done, Name, none } from './fields.ts';

/** Administrators and what stands in for them. */
export const adminProcedures = {
  'admin.admin.list': procedure(admin.read, none, z.array(AdminAccountView)),
  /** `password`: shown this once, to be changed at the first sign-in. */
  'admin.admin.add': procedure(
    admin.owner,
    z.object({ name: AdminName, role: AdminRole }),
    AdminAccountView.extend({ password: z.string() })
  ),
  /** The last owner stays one. */
  'admin.admin.set-role': procedure(admin.owner, z.object({ name: AdminName, role: AdminRole }), AdminAccountView),
  /** A new password to be changed at the next sign-in; second factors are taken away, sessions ended. */
  'admin.admin.reset': procedure(admin.owner, z.object({ name: AdminName }), z.object({ password: z.string() })),
  /** Ends their sessions and revokes the API tokens that they made. */
  'admin.admin.remove': procedure(admin.owner, z.object({ name: AdminName }), done),
  /** `token`: shown this once. */
  'admin.api-token.create': procedure(
    admin.owner,
    z.object({
      name: Name,
      scopes: z.array(ApiScope).min(1).max(64),
      days: z.number().positive().max(366).default(90)
    }),
    ApiTokenView.extend({ token: z.string() })
  ),
  'admin.api-token.list': procedure(admin.read, none, z.array(ApiTokenView)),
  'admin.api-token.revoke': procedure(admin.manage, z.object({ id: ApiTokenId }), done)
} as const;
