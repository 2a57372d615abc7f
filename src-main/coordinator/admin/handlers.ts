import type { Clock } from '../../base/clock.ts';
import type { Badges } from '../users/badges.ts';
import { groupHandlers } from '../users/groups.ts';
import type { Invitations } from '../users/invitations.ts';
import type { AdminArea, AdminHandlers } from './area.ts';
import { type AuditHandlerOptions, auditHandlers } from './audit.ts';
import { type BackupHandlerOptions, backupHandlers } from './backup.ts';
import { type CoordinatorHandlerOptions, coordinatorHandlers } from './coordinators.ts';
import { type DeviceHandlerOptions, deviceHandlers } from './devices.ts';
import { type JobHandlerOptions, jobHandlers } from './jobs.ts';
import { type KeyHandlerOptions, keyHandlers } from './keys.ts';
import { type PolicyHandlerOptions, policyHandlers } from './policy.ts';
import { type PrinterHandlerOptions, printerHandlers } from './printers.ts';
import { type ReportHandlerOptions, reportHandlers } from './reports.ts';
import { type SiteHandlerOptions, siteHandlers } from './sites.ts';
import { type TokenHandlerOptions, tokenHandlers } from './tokens.ts';
import { type UserHandlerOptions, userHandlers } from './users.ts';

export type AdminOptions = DeviceHandlerOptions &
  SiteHandlerOptions &
  TokenHandlerOptions &
  UserHandlerOptions &
  PrinterHandlerOptions &
  PolicyHandlerOptions &
  JobHandlerOptions &
  ReportHandlerOptions &
  KeyHandlerOptions &
  AuditHandlerOptions &
  BackupHandlerOptions &
  CoordinatorHandlerOptions & {
    readonly badges: Badges;
    readonly invitations: Invitations;
    readonly clock: Clock;
    readonly administrators: AdminArea<'admin' | 'api-token' | 'sso' | 'mail'>;
  };

/** All areas as one record: the compiler sees that no procedure of the contract is missing. */
export const createAdminHandlers = (options: AdminOptions): AdminHandlers => ({
  ...deviceHandlers(options),
  ...siteHandlers(options),
  ...tokenHandlers(options),
  ...userHandlers(options),
  ...printerHandlers(options),
  ...policyHandlers(options),
  ...jobHandlers(options),
  ...reportHandlers(options),
  ...keyHandlers(options),
  ...auditHandlers(options),
  ...backupHandlers(options),
  ...coordinatorHandlers(options),
  ...options.badges.handlers,
  ...groupHandlers(options),
  ...options.invitations.handlers,
  ...options.administrators
});
