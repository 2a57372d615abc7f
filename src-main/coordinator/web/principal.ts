import {
  type Caller,
  type ErrorCode,
  type Procedure,
  procedures,
  type Scope
} from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { AdminRecord, ApiTokenRecord, WebSessionRecord } from '../admins/tables.ts';
import type { UserRecord } from '../store.ts';
import { freshUntil } from './web-sessions.ts';

/** Who calls at the web listener, as the database knows them at this moment. */
export type Principal =
  | { readonly kind: 'admin'; readonly session: WebSessionRecord; readonly admin: AdminRecord }
  | { readonly kind: 'user'; readonly session: WebSessionRecord; readonly user: UserRecord }
  | { readonly kind: 'token'; readonly token: ApiTokenRecord };

/** As in the audit log. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'admin':
      return `admin:${principal.admin.name}`;
    case 'user':
      return `user:${principal.user.id}`;
    case 'token':
      return `token:${principal.token.id}`;
  }
}

/** Whether this caller may call it now; null is a visitor. Pure. Throws the code that says what is missing. */
export function requireRight(name: Procedure, principal: Principal | null, now: number): void {
  const { callers, scope, fresh } = procedures[name];
  if (!callers.includes(callerOf(principal))) throw refusal(principal ? 'not-allowed' : 'session-expired', name);
  if (principal?.kind === 'token') {
    if (!scope || !tokenMay(principal.token.scopes, areaOf(name), scope)) throw refusal('not-allowed', name);
  } else if (principal?.kind === 'admin') {
    const { admin, session } = principal;
    if (admin.password === 'temporary' && !withTemporaryPassword(name)) throw refusal('password-change-required');
    if (scope && !rightsOf[admin.role].includes(scope)) throw refusal('not-allowed', name);
    if (fresh && freshUntil(session) <= now) throw refusal('confirmation-required');
  }
}

/** Whether it would be shown anything of an area: for the changes that are announced. */
export function mayRead(principal: Principal, area: string): boolean {
  if (principal.kind === 'admin') return principal.admin.password !== 'temporary';
  return principal.kind === 'token' && tokenMay(principal.token.scopes, area, 'read');
}

/** `admin.<area>.…` and so on. */
const areaOf = (name: string): string => name.split('.')[1] ?? '';

const callerOf = (principal: Principal | null): Caller => {
  if (!principal) return 'visitor';
  return principal.kind === 'user' ? 'user' : 'admin';
};

const rightsOf: Readonly<Record<AdminRecord['role'], readonly Scope[]>> = {
  auditor: ['read'],
  operator: ['read', 'manage', 'dangerous'],
  owner: ['read', 'manage', 'dangerous', 'owner']
};

/** Each right includes those before it; nobody but a person has the last one. */
const tokenRights: readonly Scope[] = ['read', 'manage', 'dangerous'];

function tokenMay(scopes: readonly string[], area: string, wanted: Scope): boolean {
  const needed = tokenRights.indexOf(wanted);
  return scopes.some((text) => {
    const [of = '', right = ''] = text.split(':');
    return needed >= 0 && (of === '*' || of === area) && tokenRights.indexOf(right as Scope) >= needed;
  });
}

const withTemporaryPassword = (name: Procedure): boolean =>
  name.startsWith('session.') || name === 'account.set-password';

const refusal = (code: ErrorCode, detail?: string) => new LetterlockError(code, detail);
