import { LetterlockError } from './errors.ts';
import { limits } from './limits.ts';

/** Newline-delimited JSON: one value per line. */
export const encodeLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

/**
 * The values of a stream of JSON lines, as they arrive. No line may be longer than `maxBytes`: refused with `too-large`
 * before it is held. An unfinished last line is `upload-truncated`, anything that is not JSON `input-invalid`.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number = limits.jsonLine
): AsyncGenerator<unknown, void, undefined> {
  const reader = createLineReader(maxBytes);
  for await (const chunk of source) yield* reader.values(chunk);
  if (reader.held() > 0) throw new LetterlockError('upload-truncated', 'JSON line');
}

/** The same for whoever is handed one chunk after the other. What is left of a line waits for the next chunk. */
export function createLineReader(maxBytes: number) {
  let pending: Uint8Array[] = [];
  let held = 0;
  return {
    /** The values that end in this chunk. */
    *values(chunk: Uint8Array): Generator<unknown, void, undefined> {
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        if (held + end - start > maxBytes) throw new LetterlockError('too-large', 'JSON line');
        pending.push(chunk.subarray(start, end));
        const line = Buffer.concat(pending).toString('utf8');
        pending = [];
        held = 0;
        start = end + 1;
        yield parsed(line);
      }
      held += chunk.length - start;
      if (held > maxBytes) throw new LetterlockError('too-large', 'JSON line');
      if (start < chunk.length) pending.push(chunk.subarray(start));
      // A line that comes byte by byte would otherwise hold many times its length.
      if (pending.length >= mostPieces) pending = [Buffer.concat(pending)];
    },
    /** Bytes of the line that has not ended. */
    held: () => held
  };
}

const mostPieces = 256;
const newline = 0x0a;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new LetterlockError('input-invalid', 'JSON line');
  }
}
