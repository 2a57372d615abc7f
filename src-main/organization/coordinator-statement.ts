import type { z } from 'zod';
import { fromBase64url } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import type { Enrollment } from '../protocol/pairing-api.ts';

/** Opens what only the coordinator of the enrollment may say: directory, erase orders. Throws `certificate-invalid`. */
export function openCoordinatorStatement<Schema extends z.ZodType>(
  { coordinator }: Enrollment,
  kind: string,
  schema: Schema,
  signed: Signed
): z.infer<Schema> {
  if (signed.signer !== coordinator.id) throw new LetterlockError('certificate-invalid', `${kind}: another signer`);
  const publicKey = fromBase64url(coordinator.signing) ?? new Uint8Array();
  return openStatement({ kind, signed, publicKey, schema, maxBytes: limits.jsonBody, code: 'certificate-invalid' });
}
