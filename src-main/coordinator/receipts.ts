import { LetterlockError } from '../base/errors.ts';
import { KiB } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import { ErasureReceipt, HoldingReceipt } from '../protocol/device-api.ts';
import type { Manifest } from '../sealing/manifest.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';

/** A node's word, checked against the keys under which it was approved, never against what it brings along. */
const maxBytes = 4 * KiB;

/** The node says that it holds exactly the blob of this manifest. Throws `digest-mismatch` when it is another one. */
export function openHoldingReceipt(signed: Signed, manifest: Manifest, directory: DirectoryKeeper): HoldingReceipt {
  const publicKey = nodeKey(signed, directory);
  const receipt = openStatement({ kind: 'holding', signed, publicKey, schema: HoldingReceipt, maxBytes, code });
  if (receipt.node !== signed.signer || receipt.job !== manifest.job) throw new LetterlockError(code, 'receipt');
  if (receipt.sha256 !== manifest.sha256 || receipt.blobSize !== manifest.blobSize)
    throw new LetterlockError('digest-mismatch', `node ${receipt.node}`);
  return receipt;
}

export function openErasureReceipt(signed: Signed, directory: DirectoryKeeper): ErasureReceipt {
  const publicKey = nodeKey(signed, directory);
  const receipt = openStatement({ kind: 'erasure', signed, publicKey, schema: ErasureReceipt, maxBytes, code });
  if (receipt.node !== signed.signer) throw new LetterlockError(code, 'receipt');
  return receipt;
}

const code = 'input-invalid';

function nodeKey(signed: Signed, directory: DirectoryKeeper): Uint8Array {
  const node = directory.device(signed.signer);
  if (!node?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node of a receipt');
  return decoded(node.signing);
}
