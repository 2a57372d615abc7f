import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AdminRole,
  ApiTokenId,
  adminRoles,
  type ErrorCode,
  type Procedure,
  procedures,
  WebSessionId
} from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type Principal, requireRight } from './principal.ts';

/** Every procedure of the contract with every kind of caller: what must never be allowed, whatever is added to the table. */
const names = Object.keys(procedures) as Procedure[];
const anyProcedure = fc.constantFrom(...names);
const now = 1_000_000_000_000;

const token = (scopes: string[]): Principal => ({
  kind: 'token',
  token: {
    id: ApiTokenId.parse(randomUUID()),
    name: 't',
    tokenHash: '',
    scopes,
    createdBy: 'admin:x',
    created: 0,
    expires: 0,
    lastUsed: null
  }
});
const admin = (role: AdminRole, password: 'own' | 'temporary' = 'own', provedAgo = 0): Principal => ({
  kind: 'admin',
  admin: { name: 'x', role, passwordHash: null, password, totp: null, created: 0, lastSignIn: null },
  session: {
    id: WebSessionId.parse(randomUUID()),
    tokenHash: '',
    kind: 'admin',
    subject: 'x',
    created: now,
    lastUsed: now,
    proved: now - provedAgo,
    address: '',
    agent: ''
  }
});
const refusalOf = (name: Procedure, principal: Principal | null): ErrorCode | null => {
  try {
    requireRight(name, principal, now);
    return null;
  } catch (error) {
    return error instanceof LetterlockError ? error.code : 'internal';
  }
};
const areas = [...new Set(names.filter((name) => name.startsWith('admin.')).map((name) => name.split('.')[1] ?? ''))];
const anyScope = fc
  .tuple(fc.constantFrom('*', ...areas), fc.constantFrom('read', 'manage', 'dangerous'))
  .map((parts) => parts.join(':'));

test('a visitor may do only what is made for visitors', () => {
  for (const name of names)
    expect(refusalOf(name, null), name).toBe(procedures[name].callers.includes('visitor') ? null : 'session-expired');
});

test('a token gets no further than its scopes, and never where only people may', () => {
  fc.assert(
    fc.property(anyProcedure, fc.array(anyScope, { maxLength: 4 }), (name, scopes) => {
      if (refusalOf(name, token(scopes)) !== null) return;
      const { scope } = procedures[name];
      expect(['read', 'manage', 'dangerous']).toContain(scope);
      const [, area] = name.split('.');
      expect(scopes.some((one) => one.startsWith('*:') || one.startsWith(`${area}:`))).toBe(true);
      if (scope !== 'read') expect(scopes.some((one) => !one.endsWith(':read'))).toBe(true);
      // Fewer scopes never mean more rights.
      expect(scopes.some((one) => refusalOf(name, token([one])) === null)).toBe(true);
    })
  );
});

test('an administrator gets no further than the role, needs a fresh proof, and first a password of their own', () => {
  const stale = limits.webProofSeconds * 1000;
  for (const name of names) {
    const { scope, fresh, callers } = procedures[name];
    if (scope && scope !== 'read') expect(refusalOf(name, admin('auditor')), name).toBe('not-allowed');
    if (scope === 'owner') expect(refusalOf(name, admin('operator')), name).toBe('not-allowed');
    if (fresh) expect(refusalOf(name, admin('owner', 'own', stale)), name).toBe('confirmation-required');
    if (!callers.includes('admin'))
      for (const role of adminRoles) expect(refusalOf(name, admin(role)), name).not.toBeNull();
    if (!name.startsWith('session.') && name !== 'account.set-password')
      expect(refusalOf(name, admin('owner', 'temporary')), name).not.toBeNull();
  }
  const forAdmins = names.filter((name) => procedures[name].callers.includes('admin'));
  expect(forAdmins.filter((name) => refusalOf(name, admin('owner')) !== null)).toEqual([]);
});
