import { blobVectors } from './generate-blob.ts';
import { escrowVectors } from './generate-escrow.ts';
import { ippMessageVectors } from './generate-ipp.ts';
import { hkdfVectors, hpkeVectors, keyScheduleVectors } from './generate-keys.ts';
import { manifestVectors, metadataVectors } from './generate-manifest.ts';
import { organizationPartVectors, partsVectors, sealedKeyVectors } from './generate-parts.ts';
import { ticketVectors } from './generate-ticket.ts';
import type { VectorFile } from './schema.ts';

/**
 * Makes every vector file again, byte for byte. A change in what this gives is a change of the format: it needs a new format
 * version, not new vectors. `LETTERLOCK_WRITE_VECTORS=1 npx vitest run --project unit tests/vectors` writes the files.
 */
export async function generateVectors(): Promise<Record<VectorFile, string>> {
  const files: Record<VectorFile, object[]> = {
    hkdf: hkdfVectors(),
    hpke: hpkeVectors(),
    'key-schedule': keyScheduleVectors(),
    blob: blobVectors(),
    manifest: await manifestVectors(),
    'sealed-key': await sealedKeyVectors(),
    metadata: await metadataVectors(),
    'organization-part': await organizationPartVectors(),
    parts: await partsVectors(),
    escrow: await escrowVectors(),
    ticket: await ticketVectors(),
    'ipp-messages': ippMessageVectors()
  };
  const text = (cases: object[]) =>
    `[\n${cases.map((each) => `  ${JSON.stringify(each, encodeBytes)}`).join(',\n')}\n]\n`;
  return Object.fromEntries(Object.entries(files).map(([file, cases]) => [file, text(cases)])) as Record<
    VectorFile,
    string
  >;
}

/** For JSON.stringify: bytes as base64url, also those that JSON.stringify has already turned around (Buffer.toJSON). */
export function encodeBytes(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
  const buffer = value as { type?: unknown; data?: unknown } | null;
  if (typeof value === 'object' && buffer?.type === 'Buffer' && Array.isArray(buffer.data))
    return Buffer.from(buffer.data as number[]).toString('base64url');
  return value;
}
