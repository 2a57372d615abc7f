import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type Role, type SiteId, TokenId, type UserId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Act } from '../act.ts';
import type { Tables, TokenRecord } from '../store.ts';

/** Enrollment tokens approve machines in advance: some roles, some uses, some hours. Only a hash of the secret is kept. */
export interface NewToken {
  readonly roles: readonly Role[];
  readonly maxUses: number;
  readonly expires: number;
  readonly owner: UserId | null;
  /** The nodes that it enrols are cloud nodes. */
  readonly cloud: boolean;
  readonly site: SiteId;
}

/** `secret`: base64url of 32 bytes, shown once. */
export async function createToken(act: Act, wanted: NewToken): Promise<{ token: TokenRecord; secret: string }> {
  const secret = randomBytes(32).toString('base64url');
  const token = {
    ...wanted,
    id: TokenId.parse(randomUUID()),
    secretHash: hashOf(secret),
    uses: 0,
    revoked: false
  };
  await act.tables.tokens.insert(token);
  act.record('token.created', token.id, {
    roles: [...wanted.roles],
    maxUses: wanted.maxUses,
    owner: wanted.owner,
    cloud: wanted.cloud,
    site: wanted.site
  });
  return { token, secret };
}

/** The token of this secret, if it could approve these roles now. Throws `token-invalid`; `not-allowed` for other roles. */
export async function findToken(
  tables: Tables,
  secret: string,
  roles: readonly Role[],
  now: number
): Promise<TokenRecord> {
  const token = await tables.tokens.bySecretHash(hashOf(secret));
  if (!token || token.revoked || token.expires <= now || token.uses >= token.maxUses)
    throw new LetterlockError('token-invalid');
  if (!roles.every((role) => token.roles.includes(role))) throw new LetterlockError('not-allowed', 'roles');
  return token;
}

/** Counts one use. Throws `token-invalid` when there is none left. */
export async function useToken(act: Act, id: TokenId, now: number): Promise<TokenRecord> {
  const token = await act.tables.tokens.get(id);
  if (!token || !(await act.tables.tokens.use(id, now))) throw new LetterlockError('token-invalid');
  act.record('token.used', id, { uses: token.uses + 1, maxUses: token.maxUses });
  return token;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
