import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { constants, createGunzip, createInflateRaw } from 'node:zlib';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { KiB, limits } from '../base/limits.ts';
import { IppRefusal, tooLarge } from './refusal.ts';

/**
 * The body of a request as chunks, at the pace of whoever pulls and without copies: 'data' events hand the socket's own
 * buffers over, the async iterator of a Readable would join them. Throws LetterlockError('upload-truncated') when the
 * other side leaves, IppRefusal when it is waited for and says nothing for too long.
 */
export async function* requestBody(
  request: IncomingMessage,
  clock: Clock
): AsyncGenerator<Uint8Array, void, undefined> {
  const queue: Uint8Array[] = [];
  let queued = 0;
  let outcome: { error?: Error } | undefined;
  let wake: () => void = idle;
  const end = (error?: Error): void => {
    outcome ??= error ? { error } : {};
    wake();
  };
  const onData = (chunk: Uint8Array): void => {
    queue.push(chunk);
    queued += chunk.length;
    if (queued >= readAhead) request.pause();
    wake();
  };
  const onEnd = (): void => end();
  const onClose = (): void => end(new LetterlockError('upload-truncated'));
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) {
        queued -= chunk.length;
        if (queued < readAhead / 2 && request.isPaused()) request.resume();
        yield chunk;
      } else if (outcome) {
        if (outcome.error) throw outcome.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          const off = clock.after(limits.stalledTransferSeconds * 1000, () =>
            end(new IppRefusal('client-error-timeout', 'the document stopped coming'))
          );
          wake = () => {
            wake = idle;
            off();
            resolve();
          };
        });
      }
    }
  } finally {
    request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    request.on('error', idle); // what still goes wrong concerns nobody
  }
}

const idle = (): void => undefined;
/** Bytes taken from the socket before anybody asked for them. */
const readAhead = 256 * KiB;

/** The same chunks, until `signal` aborts, and refused beyond the longest document. */
export async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    total += chunk.length;
    if (total > limits.document) throw tooLarge('the document is too long');
    if (chunk.length > 0) yield chunk;
  }
}

/** Undoes `compression` (RFC 8011 section 5.4.32: gzip is RFC 1952, deflate is RFC 1951) as a stream. */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  compression: string
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'none') {
    yield* chunks;
    return;
  }
  const inflate = { gzip: createGunzip, deflate: createInflateRaw }[compression] ?? (() => new PassThrough());
  const options = { chunkSize: 64 * KiB, finishFlush: constants.Z_FINISH };
  const output = pipeline(Readable.from(chunks, { objectMode: false }), inflate(options), () => undefined);
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new IppRefusal('client-error-compression-error', 'the document does not decompress');
    }
    throw error;
  }
}
