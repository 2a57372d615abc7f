import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import type { Clock } from './clock.ts';
import { failure, fromFailure, LetterlockError } from './errors.ts';
import { createLineReader, encodeLine } from './ndjson.ts';

/**
 * Questions and answers over one connection that stays open: one side asks, the other answers. JSON lines, one write each:
 *
 *     { "n": 7, "ask": … }
 *     { "n": 7, "answer": … }    or    { "n": 7, "failure": { "code": …, "detail"?: … } }
 *
 * Answers come in any order. Unknown fields are passed over. Whatever else is wrong ends the connection, and nothing but it: a
 * line that is no such object or too long, an answer that nobody waits for, more questions under way than agreed, a side that
 * does not read. Who is at the other end, and what the messages mean, is not known here.
 */
export interface Asking {
  /** The answer, or the other side's failure as a LetterlockError. `unreachable` when the connection ends before. */
  ask(question: unknown): Promise<unknown>;
  /** A question has waited for `late` ms, and nothing has come since; or the connection is gone. Others had better go another way. */
  isLate(): boolean;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends once nothing is under way. Nothing more may be asked. */
  retire(): void;
  end(): void;
}

/** A question without an answer in `patience` ms ends the connection. The caller keeps to the other side's `atOnce`. */
export function askLines(
  stream: Duplex,
  options: {
    readonly maxBytes: number;
    readonly late: number;
    readonly patience: number;
    readonly clock: Clock;
    readonly unreachable: ErrorCode;
  }
): Asking {
  const { maxBytes, late, patience, clock, unreachable } = options;
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let isLate = false;
  let retired = false;

  const ended = new Promise<void>((resolve) => {
    stream.once('close', () => {
      for (const { cancel, reject } of waiting.values()) {
        cancel();
        reject(new LetterlockError(unreachable));
      }
      waiting.clear();
      resolve();
    });
  });
  const endRetired = (): void => {
    if (retired && waiting.size === 0) stream.destroy();
  };
  eachLine(stream, maxBytes, (line) => {
    const asked = waiting.get(line.n);
    if (!asked) throw new LetterlockError('input-invalid', 'an answer to no question');
    waiting.delete(line.n);
    asked.cancel();
    isLate = false;
    if (isObject(line.failure)) asked.reject(fromFailure(line.failure));
    else asked.resolve(line.answer);
    endRetired();
  });

  return {
    ask(question) {
      if (stream.destroyed) return Promise.reject(new LetterlockError(unreachable));
      last += 1;
      const n = last;
      stream.write(encodeLine({ n, ask: question }));
      return new Promise((resolve, reject) => {
        let stop = clock.after(late, () => {
          isLate = true;
          stop = clock.after(patience - late, () => stream.destroy());
        });
        waiting.set(n, { resolve, reject, cancel: () => stop() });
      });
    },
    isLate: () => isLate || stream.destroyed,
    ended,
    retire() {
      retired = true;
      endRetired();
    },
    end: () => void stream.destroy()
  };
}

/**
 * Answers until the connection ends. What `answer` throws at once ends it; what its promise rejects with is told. At most
 * `atOnce` questions may be under way, and so many answers of `maxBytes` wait for a side that does not read.
 */
export function answerLines(
  stream: Duplex,
  options: {
    readonly maxBytes: number;
    readonly atOnce: number;
    readonly answer: (question: unknown) => Promise<unknown>;
  }
): void {
  const { maxBytes, atOnce, answer } = options;
  let underWay = 0;
  const say = (line: object): void => {
    underWay -= 1;
    if (stream.destroyed) return;
    if (stream.writableLength > atOnce * maxBytes) stream.destroy();
    else stream.write(encodeLine(line));
  };
  eachLine(stream, maxBytes, ({ n, ask }) => {
    if (underWay >= atOnce) throw new LetterlockError('rate-limited');
    underWay += 1;
    answer(ask).then(
      (told) => say({ n, answer: told }),
      (error: unknown) => {
        const { code, detail } = failure(error);
        say({ n, failure: { code, detail } });
      }
    );
  });
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: LetterlockError) => void;
  readonly cancel: () => void;
}
interface Line {
  readonly n: number;
  readonly ask?: unknown;
  readonly answer?: unknown;
  readonly failure?: unknown;
}

/** What `take` throws ends the connection, as every line that is none does. */
function eachLine(stream: Duplex, maxBytes: number, take: (line: Line) => void): void {
  const reader = createLineReader(maxBytes);
  stream.on('error', () => {}); // 'close' follows
  stream.on('end', () => stream.destroy());
  stream.on('data', (chunk: Uint8Array) => {
    try {
      for (const value of reader.values(chunk)) {
        if (stream.destroyed) return;
        if (!isLine(value)) throw new LetterlockError('input-invalid', 'no message');
        take(value);
      }
    } catch {
      stream.destroy();
    }
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isLine = (value: unknown): value is Line => isObject(value) && Number.isSafeInteger(value.n);
