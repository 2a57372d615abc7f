import { createHmac } from 'node:crypto';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { toBase64url, utf8 } from '../../base/bytes.ts';

/**
 * That a node has the bytes of a range now: HMAC-SHA-256 under a fresh nonce over job, node, offset and the bytes. Whoever holds the
 * job can check it by computing the same. The node's own id is in it, so it cannot pass the question on to a true holder.
 */
export function proofOf(nonce: Uint8Array, range: Range, bytes: Uint8Array): string {
  const { job, node, offset } = range;
  const subject = utf8(`letterlock/v1/holding-proof\0${job}\0${node}\0${offset}\0`);
  return toBase64url(createHmac('sha256', nonce).update(subject).update(bytes).digest());
}

interface Range {
  readonly job: JobId;
  /** Who proves. */
  readonly node: DeviceId;
  readonly offset: number;
}
