import type { z } from 'zod';
import { decoded } from '../../identity/base64url.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { openStatement, type Signed, signStatement } from '../../identity/signed-statement.ts';
import type { Organization } from '../../organization/organization.ts';
import { membershipLimits } from '../../protocol/membership.ts';
import { siteMate } from '../own-site.ts';

/** What nodes say of themselves and of each other, under their names. */
export interface Statements {
  sign(kind: StatementKind, value: unknown): Promise<Signed>;
  /** Undefined: the directory here knows no such node of this site (any more, or not yet). Throws `input-invalid` for what the signer did not say. */
  open<Schema extends z.ZodType>(kind: StatementKind, signed: Signed, schema: Schema): z.infer<Schema> | undefined;
}
export type StatementKind = 'member' | 'suspicion' | 'probe-answer';

export function deviceStatements(
  identity: DeviceIdentity,
  organization: Pick<Organization, 'directory' | 'device'>
): Statements {
  return {
    sign: (kind, value) => signStatement(kind, value, { id: identity.id, key: identity.signing }),
    open(kind, signed, schema) {
      const signer = siteMate(organization, identity.id, signed.signer);
      if (!signer) return undefined;
      const publicKey = decoded(signer.signing);
      const maxBytes = membershipLimits.statement;
      return openStatement({ kind, signed, publicKey, schema, maxBytes, code: 'input-invalid' });
    }
  };
}
