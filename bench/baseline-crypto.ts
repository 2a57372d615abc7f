import { createCipheriv, createHash, randomBytes } from 'node:crypto';

const segment = Buffer.alloc(64 * 1024, 1);

/** Seconds that one core needs for `size` bytes of AES-256-GCM in 64 KiB segments, nothing else. */
export function measureAes(size: number): number {
  const key = randomBytes(32);
  const nonce = Buffer.alloc(12);
  const from = performance.now();
  for (let done = 0; done < size; done += segment.length) {
    nonce.writeUInt32BE(done / segment.length, 4);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.update(segment);
    cipher.final();
    cipher.getAuthTag();
  }
  return (performance.now() - from) / 1000;
}

/** The same for SHA-256. */
export function measureSha256(size: number): number {
  const hash = createHash('sha256');
  const from = performance.now();
  for (let done = 0; done < size; done += segment.length) hash.update(segment);
  hash.digest();
  return (performance.now() - from) / 1000;
}
