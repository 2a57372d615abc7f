import { z } from 'zod';
import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import { DeviceId } from '../../src-preload/contract/ids.ts';
import { toBase64url, utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { base64url, decoded } from './base64url.ts';
import { type SigningKey, verifySignature } from './keys.ts';

/**
 * The one shape of everything that is signed: manifest, directory, grant, receipt, erase order. The signature is over the
 * payload's exact bytes under the kind's own domain, so no statement can pass for one of another kind, and nothing is
 * parsed before it is verified. Who may sign what is the caller's business: it brings the public key.
 */
export const Signed = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  /** The UTF-8 JSON bytes that are signed, base64url. */
  payload: base64url(2, limits.jsonBody),
  signer: DeviceId,
  /** Ed25519, base64url. */
  signature: base64url(64)
});
export type Signed = z.infer<typeof Signed>;

export async function signStatement(
  kind: string,
  value: unknown,
  signer: { readonly id: DeviceId; readonly key: SigningKey }
): Promise<Signed> {
  const payload = utf8(JSON.stringify(value));
  const signature = await signer.key.sign(statementBytes(kind, payload));
  return { kind, payload: toBase64url(payload), signer: signer.id, signature: toBase64url(signature) };
}

/**
 * Verifies, then parses. Throws `code` when the kind, the signature, the size or the content is not right. The payload must
 * be the JSON text that ECMAScript's JSON.stringify gives for its value: no white space, no doubled names, no BOM.
 */
export function openStatement<Schema extends z.ZodType>(options: {
  readonly kind: string;
  readonly signed: Signed;
  /** Raw Ed25519 public key of `signed.signer`, as the caller knows it from elsewhere. */
  readonly publicKey: Uint8Array;
  readonly schema: Schema;
  readonly maxBytes: number;
  readonly code: ErrorCode;
}): z.infer<Schema> {
  const { kind, signed, publicKey, schema, maxBytes, code } = options;
  const refuse = (detail: string) => new LetterlockError(code, `${kind}: ${detail}`);

  if (signed.kind !== kind) throw refuse('another kind of statement');
  if (signed.payload.length > Math.ceil((maxBytes * 4) / 3)) throw refuse('too large');
  const payload = decoded(signed.payload);
  if (!verifySignature(publicKey, statementBytes(kind, payload), decoded(signed.signature))) throw refuse('signature');
  const value = canonicalJson(payload);
  if (value === undefined) throw refuse('not canonical JSON');
  const result = schema.safeParse(value);
  if (!result.success) throw refuse(result.error.issues[0]?.path.join('.') || 'content');
  return result.data;
}

/** What is signed: `letterlock/v1/<kind>` ‖ 0x00 ‖ payload. Exported for the one thing that is signed and is not JSON, a release ticket. */
export const statementBytes = (kind: string, payload: Uint8Array): Uint8Array =>
  Buffer.concat([utf8(`letterlock/v1/${kind}\0`), payload]);

function canonicalJson(payload: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return Buffer.from(payload).equals(utf8(JSON.stringify(value))) ? value : undefined;
  } catch {
    return undefined;
  }
}
