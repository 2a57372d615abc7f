import type { Output, ParsedInput, Procedure } from '../../../src-preload/contract/index.ts';
import type { AuditJournal } from '../audit/journal.ts';
import { type DeviceHandlerOptions, deviceHandlers } from './devices.ts';
import { type JobHandlerOptions, jobHandlers } from './jobs.ts';
import { type KeyHandlerOptions, keyHandlers } from './keys.ts';
import { type PolicyHandlerOptions, policyHandlers } from './policy.ts';
import { type PrinterHandlerOptions, printerHandlers } from './printers.ts';
import { type TokenHandlerOptions, tokenHandlers } from './tokens.ts';
import { type UserHandlerOptions, userHandlers } from './users.ts';

/** Everything an administrator can do, behind every transport alike. Input is parsed; `actor` goes into the audit log. */
export type AdminProcedure = Extract<Procedure, `admin.${string}`>;
export type AdminHandlers = {
  readonly [P in AdminProcedure]: (input: ParsedInput<P>, actor: string) => Promise<Output<P>>;
};
/** The handlers of one area. */
export type AdminArea<Area extends string> = Pick<AdminHandlers, Extract<AdminProcedure, `admin.${Area}.${string}`>>;

export type AdminOptions = DeviceHandlerOptions &
  TokenHandlerOptions &
  UserHandlerOptions &
  PrinterHandlerOptions &
  PolicyHandlerOptions &
  JobHandlerOptions &
  KeyHandlerOptions & { readonly audit: AuditJournal };

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
