import { z } from 'zod';
import { AuditFilter, AuditForwardTarget, AuditForwardView } from '../audit-views.ts';
import { AuditForwardId } from '../ids.ts';
import { AuditReport, AuditRowView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { done, Name, none } from './fields.ts';

/** The audit log: reading, checking, exporting, forwarding. */
export const auditProcedures = {
  /** Oldest first from `after` on; with `newest` the other way round, from `before` on. */
  'admin.audit.list': procedure(
    admin.read,
    AuditFilter.extend({
      after: z.number().int().default(0),
      before: z.number().int().positive().optional(),
      newest: z.boolean().optional(),
      limit: z.number().int().min(1).max(1000).default(200)
    }),
    z.array(AuditRowView)
  ),
  'admin.audit.verify': procedure(admin.read, none, AuditReport),
  /**
   * One page of a file that is put together from all of them (docs/spec/audit.md): begin with `first`, go on with `after` as
   * `next` said, until that is null. Each page is written down in the log, which is why this is no GET.
   */
  'admin.audit.export': procedure(
    admin.record,
    AuditFilter.extend({
      format: z.enum(['jsonl', 'csv']).default('jsonl'),
      after: z.number().int().min(0).default(0),
      first: z.boolean().default(true)
    }),
    z.object({ text: z.string(), next: z.number().nullable() })
  ),
  /** Where each row of the log is sent as it is written. */
  'admin.audit.forward.list': procedure(admin.read, none, z.array(AuditForwardView)),
  /** From now on, or with `after` from an earlier row on. `secret`: of a webhook's signatures, shown this once. */
  'admin.audit.forward.add': procedure(
    admin.dangerous,
    z.object({ name: Name, target: AuditForwardTarget, after: z.number().int().min(0).optional() }),
    AuditForwardView.extend({ secret: z.string().nullable() })
  ),
  'admin.audit.forward.remove': procedure(admin.dangerous, z.object({ id: AuditForwardId }), done),
  /** Sends a message that is no row. Answers `receiver-unreachable` with what went wrong. */
  'admin.audit.forward.test': procedure(admin.manage, z.object({ id: AuditForwardId }), done)
} as const;
