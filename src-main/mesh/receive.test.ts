import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createTestClock } from '../base/testing/clock.ts';
import { receive } from './receive.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A blob that is full with every chunk, until `take` is called. */
function fullBlob() {
  let take = () => {};
  const write = () =>
    new Promise<void>((resolve) => {
      take = resolve;
    });
  const never = () => Promise.reject(new Error('not its turn'));
  return { take: () => take(), blob: { write, finish: never, rest: never, close: never } };
}

test.each([
  ['ends', (source: PassThrough) => source.end('the last chunk'), { status: 'fulfilled' }],
  [
    'breaks',
    (source: PassThrough) => {
      source.write('a chunk');
      setImmediate(() => source.destroy());
    },
    { status: 'rejected', reason: { code: 'upload-truncated' } }
  ]
])(
  'a body that %s while the disk is busy is over when the blob has taken the last chunk, and not before',
  async (_how, end, outcome) => {
    const source = new PassThrough();
    const { take, blob } = fullBlob();
    let over = false;
    const received = Promise.allSettled([
      receive(source, blob, { clock: createTestClock() }).finally(() => {
        over = true;
      })
    ]);
    end(source);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(over).toBe(false);
    take();
    expect(await received).toMatchObject([outcome]);
  }
);
