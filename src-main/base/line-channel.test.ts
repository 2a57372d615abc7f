import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { systemClock } from './clock.ts';
import { LetterlockError } from './errors.ts';
import { KiB } from './limits.ts';
import { type Asking, answerLines, askLines } from './line-channel.ts';
import { encodeLine } from './ndjson.ts';
import { createTestClock } from './testing/clock.ts';

/** Two ends of a real TCP connection. */
const open: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.destroy();
});
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const asking = connect({ port, host: '127.0.0.1', noDelay: true });
  const [answering] = (await once(server, 'connection')) as [Socket];
  server.close();
  open.push(asking, answering);
  return [asking, answering];
}

const bounds = { maxBytes: 1000, atOnce: 4 };
const asker = (stream: Socket, clock = systemClock): Asking =>
  askLines(stream, { ...bounds, late: 400, patience: 2000, clock, unreachable: 'node-unreachable' });
const closed = (socket: Socket): Promise<unknown> => (socket.destroyed ? Promise.resolve() : once(socket, 'close'));
const unreachable = { code: 'node-unreachable' };

/** Answers by hand; `next` resolves with the next question. */
function byHand() {
  const asked: { question: unknown; resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  const waiting: (() => void)[] = [];
  return {
    answer: (question: unknown) =>
      new Promise((resolve, reject) => {
        asked.push({ question, resolve, reject });
        waiting.shift()?.();
      }),
    async next() {
      if (asked.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const first = asked.shift();
      if (!first) throw new Error('no question');
      return first;
    },
    waiting: () => asked.length
  };
}

test('every question gets its own answer, in whatever order answers come', async () => {
  const [left, right] = await pair();
  const ask = asker(left);
  const ready: (() => void)[] = [];
  answerLines(right, {
    ...bounds,
    answer: (question) => new Promise((resolve) => ready.push(() => resolve({ to: question })))
  });
  const questions = fc.tuple(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()));
  await fc.assert(
    fc.asyncProperty(questions, async ([list, order]) => {
      const answers = Promise.all(list.map((question) => ask.ask(question)));
      // What was asked comes in, and is answered in an order of chance.
      for (let left = list.length; left > 0; ) {
        if (ready.length === 0) await new Promise(setImmediate);
        for (const answer of ready.splice((order.next().value ?? 0) % (ready.length + 1))) {
          answer();
          left -= 1;
        }
      }
      expect(await answers).toEqual(JSON.parse(JSON.stringify(list.map((to) => ({ to })))));
    }),
    { numRuns: 50 }
  );
});

test('a refusal arrives with its code, a defect without its words, and both leave the connection as it is', async () => {
  const [left, right] = await pair();
  const ask = asker(left);
  answerLines(right, {
    ...bounds,
    answer: async (question) => {
      if (question === 'allowed') return 'yes';
      throw question === 'refused' ? new LetterlockError('not-allowed', 'why') : new Error('private words');
    }
  });
  await expect(ask.ask('refused')).rejects.toMatchObject({ code: 'not-allowed', detail: 'why' });
  const defect = await ask.ask('broken').catch((error: LetterlockError) => error);
  expect(defect).toMatchObject({ code: 'internal' });
  expect(JSON.stringify(defect)).not.toContain('private');
  expect(await ask.ask('allowed')).toBe('yes');
});

describe('who asks', () => {
  it('gives up a side that does not answer in time: all that is under way fails, and what comes after', async () => {
    const [left] = await pair();
    const clock = createTestClock();
    const ask = asker(left, clock);
    const both = [ask.ask(1), ask.ask(2)].map((asked) => expect(asked).rejects.toMatchObject(unreachable));
    clock.advance(400);
    expect(ask.isLate()).toBe(true);
    clock.advance(1600);
    await Promise.all([...both, ask.ended]);
    await expect(ask.ask(3)).rejects.toMatchObject(unreachable);
    expect(clock.waiting()).toBe(0);
  });

  it('is no longer late once an answer comes, and retires when the last one has come', async () => {
    const [left, right] = await pair();
    const clock = createTestClock();
    const ask = asker(left, clock);
    const hand = byHand();
    answerLines(right, { ...bounds, answer: hand.answer });
    const first = ask.ask('first');
    const second = ask.ask('second');
    clock.advance(1000);
    (await hand.next()).resolve(1);
    expect(await first).toBe(1);
    expect(ask.isLate()).toBe(false);
    ask.retire();
    (await hand.next()).resolve(2);
    expect(await second).toBe(2);
    await ask.ended;
    expect(clock.waiting()).toBe(0);
  });

  it.each([
    ['noise', 'noise\n'],
    ['no object', '[]\n'],
    ['no number', encodeLine({ answer: 1 })],
    ['an answer to nothing', encodeLine({ n: 99, answer: 1 })],
    ['a line without end', 'x'.repeat(1001)],
    ['invalid UTF-8 in no JSON', Buffer.from([0xff, 0x0a])]
  ])('ends at %s', async (_, bytes) => {
    const [left, right] = await pair();
    const ask = asker(left);
    const asked = expect(ask.ask('hello')).rejects.toMatchObject(unreachable);
    right.write(bytes);
    await Promise.all([asked, ask.ended]);
  });

  it('ends with the other side, also when that one only says that it has nothing more to say', async () => {
    const [left, right] = await pair();
    const ask = asker(left);
    const asked = expect(ask.ask('hello')).rejects.toMatchObject(unreachable);
    right.end();
    await Promise.all([asked, ask.ended]);
  });

  it('passes over what it does not know', async () => {
    const [left, right] = await pair();
    const ask = asker(left);
    right.once('data', () => right.write(encodeLine({ n: 1, answer: 'yes', later: true })));
    expect(await ask.ask('hello')).toBe('yes');
  });
});

describe('who answers', () => {
  it.each([
    ['noise', 'noise\n'],
    ['nothing', '\n'],
    ['no object', 'null\n'],
    ['no number', encodeLine({ n: '1', ask: 1 })],
    ['a line without end', 'x'.repeat(1001)]
  ])('ends at %s, and asks nobody', async (_, bytes) => {
    const [left, right] = await pair();
    const hand = byHand();
    answerLines(right, { ...bounds, answer: hand.answer });
    left.write(bytes);
    await Promise.all([closed(left), closed(right)]);
    expect(hand.waiting()).toBe(0);
  });

  it('takes so many questions at once and no more', async () => {
    const [left, right] = await pair();
    const hand = byHand();
    answerLines(right, { ...bounds, answer: hand.answer });
    left.write([1, 2, 3, 4].map((n) => encodeLine({ n, ask: n })).join(''));
    (await hand.next()).resolve(null);
    await once(left, 'data'); // there is room again
    left.write([5, 6].map((n) => encodeLine({ n, ask: n })).join(''));
    await closed(left);
    expect(hand.waiting()).toBe(4);
  });

  it('ends at once when the one who asks may not any more', async () => {
    const [left, right] = await pair();
    const ask = asker(left);
    let approved = true;
    answerLines(right, {
      ...bounds,
      answer: (question) => {
        if (!approved) throw new LetterlockError('device-not-approved');
        return Promise.resolve(question);
      }
    });
    expect(await ask.ask(1)).toBe(1);
    approved = false;
    await expect(ask.ask(2)).rejects.toMatchObject(unreachable);
    await ask.ended;
  });

  it('keeps a bounded number of answers for a side that does not read', async () => {
    const [left, right] = await pair();
    const maxBytes = 64 * KiB;
    answerLines(right, { ...bounds, maxBytes, answer: async () => 'x'.repeat(maxBytes - 100) });
    left.pause();
    let most = 0;
    // One question after the other, for as long as it lasts: the kernel's buffers are filled first.
    for (let n = 1; !right.destroyed; n += 1) {
      left.write(encodeLine({ n, ask: null }));
      await new Promise(setImmediate);
      most = Math.max(most, right.writableLength);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual((bounds.atOnce + 1) * maxBytes);
  });
});
