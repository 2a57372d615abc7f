import { LetterlockError } from '../base/errors.ts';

/** The documents of a blob, which is their concatenation. */
export interface DocumentReader {
  /**
   * Document `index`, from its beginning. Read in order they cost one pass over the blob; going back begins a new one. The
   * last one ends only after the blob's own end was verified. Throws what the blob does, and `seal-broken`.
   */
  read(index: number): AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}

/** `open`: the blob's plaintext, verified, from its beginning. */
export function createDocumentReader(
  open: () => AsyncGenerator<Uint8Array, void, undefined>,
  sizes: readonly number[]
): DocumentReader {
  let pass: Pass | undefined;

  async function passAt(offset: number): Promise<Pass> {
    if (pass?.offset() === offset) return pass;
    await pass?.end();
    pass = createPass(open());
    for await (const _skipped of pass.take(offset));
    return pass;
  }

  return {
    async *read(index) {
      const from = await passAt(total(sizes.slice(0, index)));
      yield* from.take(sizes[index] ?? 0);
      if (index === sizes.length - 1) await from.expectEnd();
    },
    async close() {
      await pass?.end();
    }
  };
}

type Pass = ReturnType<typeof createPass>;

/** One way through a stream, in portions. */
function createPass(stream: AsyncGenerator<Uint8Array, void, undefined>) {
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();

  async function more(): Promise<boolean> {
    while (rest.length === 0) {
      const { value, done } = await stream.next();
      if (done) return false;
      rest = value;
    }
    return true;
  }

  return {
    offset: () => offset,
    async *take(length: number) {
      for (let left = length; left > 0; ) {
        if (!(await more())) throw new LetterlockError('seal-broken', 'too short');
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        offset += part.length;
        yield part;
      }
    },
    async expectEnd() {
      if (await more()) throw new LetterlockError('seal-broken', 'too long');
    },
    end: () => stream.return()
  };
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
