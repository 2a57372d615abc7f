import type { z } from 'zod';

export const callers = ['client-window', 'station-window', 'local', 'admin', 'user', 'visitor'] as const;
/**
 * `local`: a program of the same operating system user, on the control socket. The others come over HTTPS: `admin`: an
 * administrator's session or an API token; `user`: a user's session in the portal; `visitor`: anybody.
 */
export type Caller = (typeof callers)[number];

/** What a right is needed for. Auditors may `read`, operators also `manage` and do what is `dangerous`, owners everything. */
export const scopes = ['read', 'manage', 'dangerous', 'owner'] as const;
export type Scope = (typeof scopes)[number];

/** Who may call it, and how. */
export interface Access {
  readonly callers: readonly Caller[];
  /** Which right an administrator or an API token needs; none for what concerns only the caller. */
  readonly scope?: Scope;
  /** Changes nothing (RFC 9110, section 9.2.1): may be asked with GET. */
  readonly safe?: true;
  /** In a browser: who calls must have proved to be the one within the last minutes. */
  readonly fresh?: true;
}

export const procedure = <Input extends z.ZodType, Output extends z.ZodType>(
  access: Access,
  input: Input,
  output: Output
) => ({ ...access, input, output });

export const client: Access = { callers: ['client-window', 'local'] };
export const station: Access = { callers: ['station-window', 'local'] };
export const anyRole: Access = { callers: ['client-window', 'station-window', 'local'] };
const administrator = ['admin', 'local'] as const;
export const admin = {
  read: { callers: administrator, scope: 'read', safe: true },
  /** Only reads, but is written down. */
  record: { callers: administrator, scope: 'read' },
  manage: { callers: administrator, scope: 'manage' },
  /** What cannot be taken back, or decides who may do what. */
  dangerous: { callers: administrator, scope: 'dangerous', fresh: true },
  /** Administrators and what stands in for them. */
  owner: { callers: administrator, scope: 'owner', fresh: true }
} satisfies Record<string, Access>;
/** Their own account: every administrator's, whatever the role. */
export const account = {
  read: { callers: ['admin'], safe: true },
  change: { callers: ['admin'], fresh: true }
} satisfies Record<string, Access>;
export const session = {
  anybody: { callers: ['visitor', 'admin', 'user'] },
  read: { callers: ['admin', 'user'], safe: true },
  change: { callers: ['admin', 'user'] }
} satisfies Record<string, Access>;
/** A user's own things. */
export const portal = {
  read: { callers: ['user'], safe: true },
  change: { callers: ['user'] }
} satisfies Record<string, Access>;
