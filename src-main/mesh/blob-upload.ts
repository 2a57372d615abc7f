import { type Agent, request } from 'node:https';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { connectionError, readAnswer } from '../identity/device-http.ts';
import { Stored } from '../protocol/node-api.ts';
import { type ContentRange, contentRange } from './content-range.ts';
import type { BlobUpload } from './ports.ts';

/**
 * One PUT of a blob whose length need not be known yet. The node's pace is the writer's pace; a refusal in the middle is known
 * at once and not after the last byte; a node that stops taking is given up after a while.
 */
export function openBlobUpload(options: {
  readonly agent: Agent;
  /** https://host:port */
  readonly url: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The rest of a blob of known size: then the node keeps what it has when the connection breaks. */
  readonly range?: ContentRange | undefined;
  /** Has the node forget an upload that it has whole. */
  readonly giveUp: () => Promise<void>;
}): BlobUpload {
  const { agent, url, path, signal, clock, range, giveUp } = options;
  const waiting = new Set<(error: LetterlockError) => void>();
  let failure: LetterlockError | undefined;
  let stored: Stored | undefined;
  let cancelWatch = () => {};

  const put = request(new URL(path, url), {
    agent,
    method: 'PUT',
    headers: {
      'content-type': 'application/octet-stream',
      ...(range ? { 'content-range': contentRange(range), 'content-length': range.size - range.first } : {})
    }
  });

  const fail = (error: LetterlockError) => {
    if (failure || stored) return;
    failure = error;
    cancelWatch();
    signal.removeEventListener('abort', aborted);
    put.destroy();
    for (const reject of waiting) reject(error);
    waiting.clear();
  };
  /** Anything that the node does within `seconds` is good enough. */
  const watch = (seconds: number) => {
    cancelWatch();
    cancelWatch = clock.after(seconds * 1000, () => fail(new LetterlockError('node-unreachable', 'stalled')));
  };
  const aborted = () => fail(asLetterlockError(signal.reason, 'node-unreachable'));
  /** A promise that fails with the upload. Never unhandled: whoever does not look at it meets the failure later. */
  const orFailure = <T>(begin: (resolve: (value: T) => void) => void): Promise<T> => {
    const promise = new Promise<T>((resolve, reject) => {
      if (failure) return reject(failure);
      waiting.add(reject);
      begin((value) => {
        waiting.delete(reject);
        resolve(value);
      });
    });
    promise.catch(() => {});
    return promise;
  };

  const answered = orFailure<Stored>((resolve) => {
    // Whenever it comes: a refusal may be there before the end.
    put.on('response', (response) => {
      readAnswer(response, Stored).then(
        (answer) => {
          stored = answer;
          cancelWatch();
          signal.removeEventListener('abort', aborted);
          resolve(answer);
        },
        (error: unknown) => fail(asLetterlockError(error, 'node-unreachable'))
      );
    });
  });
  put.on('error', (error) => fail(connectionError(error, 'node-unreachable')));
  put.flushHeaders();
  if (signal.aborted) aborted();
  else signal.addEventListener('abort', aborted);

  let unwritten = 0;
  return {
    write: (chunk) =>
      orFailure((resolve) => {
        unwritten += 1;
        watch(limits.stalledTransferSeconds);
        put.write(chunk, (error) => {
          unwritten -= 1;
          if (failure) return;
          if (error) return fail(connectionError(error, 'node-unreachable'));
          if (unwritten === 0) cancelWatch();
          else watch(limits.stalledTransferSeconds);
          resolve();
        });
      }),
    end() {
      if (!failure) {
        watch(limits.durableSeconds);
        put.end();
      }
      return answered;
    },
    abort(reason) {
      if (stored) void giveUp();
      else fail(asLetterlockError(reason, 'node-unreachable'));
    }
  };
}
