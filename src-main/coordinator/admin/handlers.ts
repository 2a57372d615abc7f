import type { AuditJournal } from '../audit/journal.ts';
import type { AdminHandlers } from './area.ts';
import { type DeviceHandlerOptions, deviceHandlers } from './devices.ts';
import { type JobHandlerOptions, jobHandlers } from './jobs.ts';
import { type KeyHandlerOptions, keyHandlers } from './keys.ts';
import { type PolicyHandlerOptions, policyHandlers } from './policy.ts';
import { type PrinterHandlerOptions, printerHandlers } from './printers.ts';
import { type TokenHandlerOptions, tokenHandlers } from './tokens.ts';
import { type UserHandlerOptions, userHandlers } from './users.ts';

export type AdminOptions = DeviceHandlerOptions &
  TokenHandlerOptions &
  UserHandlerOptions &
  PrinterHandlerOptions &
  PolicyHandlerOptions &
  JobHandlerOptions &
  KeyHandlerOptions & { readonly audit: AuditJournal };

/** All areas as one record: the compiler sees that no procedure of the contract is missing. */
export const createAdminHandlers = (options: AdminOptions): AdminHandlers => ({
  ...deviceHandlers(options),
  ...tokenHandlers(options),
  ...userHandlers(options),
  ...printerHandlers(options),
  ...policyHandlers(options),
  ...jobHandlers(options),
  ...keyHandlers(options),
  'admin.audit.list': ({ after, limit }) => options.audit.list(after, limit),
  'admin.audit.verify': () => options.audit.verify()
});
