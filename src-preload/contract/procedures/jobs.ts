import { z } from 'zod';
import { JobId } from '../ids.ts';
import { AdminJobDetails, AdminJobView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { done } from './fields.ts';

/** Jobs as the coordinator knows them: sizes and states, never titles. */
export const jobProcedures = {
  /** The newest 500; with `before`, the newest of those that are older than this one. */
  'admin.job.list': procedure(admin.read, z.object({ before: JobId.optional() }), z.array(AdminJobView)),
  'admin.job.show': procedure(admin.read, z.object({ id: JobId }), AdminJobDetails),
  'admin.job.cancel': procedure(admin.manage, z.object({ id: JobId }), done),
  'admin.job.suspend': procedure(admin.manage, z.object({ id: JobId, suspended: z.boolean() }), done)
} as const;
