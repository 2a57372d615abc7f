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
  let pending: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of source) {
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
  }
  if (held > 0) throw new LetterlockError('upload-truncated', 'JSON line');
}

const newline = 0x0a;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new LetterlockError('input-invalid', 'JSON line');
  }
}
