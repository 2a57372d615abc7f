import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventParser, followEvents } from './events.ts';

const stream = (id: number, area: string) =>
  `event: change\nid: ${id}\ndata: ${JSON.stringify({ changes: [{ area, ids: [] }] })}\n\n`;

describe('the parser', () => {
  it('gives the same events however the text is cut', () => {
    const text = `retry: 1000\n\n:\n\n${stream(1, 'job')}data: a\ndata: b\n\n:heartbeat\r\n\r\n${stream(2, 'device')}`;
    const read = (pieces: readonly string[]) => {
      const events: unknown[] = [];
      const parse = createEventParser((event) => events.push(event));
      for (const piece of pieces) parse(piece);
      return events;
    };
    const whole = read([text]);
    expect(whole).toHaveLength(3);
    expect(whole[1]).toEqual({ event: '', data: 'a\nb' });
    expect(read([...text])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(read(places.slice(1).map((end, at) => text.slice(places[at], end)))).toEqual(whole);
      })
    );
  });
});

describe('following', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A server that answers each request in turn; the test writes into what it answered last. */
  const serve = () => {
    const requests: { lastEventId: string | undefined; write(text: string): void; end(): void }[] = [];
    const answers: number[] = [];
    const fetch = async (_path: unknown, init?: RequestInit): Promise<Response> => {
      const status = answers.shift() ?? 200;
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({
        start: (own) => {
          controller = own;
          init?.signal?.addEventListener('abort', () => own.error(new Error('aborted')));
        }
      });
      requests.push({
        lastEventId: new Headers(init?.headers).get('last-event-id') ?? undefined,
        write: (text) => controller?.enqueue(new TextEncoder().encode(text)),
        end: () => controller?.close()
      });
      return new Response(body, { status });
    };
    const seen: string[] = [];
    const listener = {
      onChange: (areas: readonly string[]) => void seen.push(areas.join()),
      onReset: () => void seen.push('reset'),
      onConnection: (connection: string) => void seen.push(connection)
    };
    const stop = new AbortController();
    const follow = () => followEvents({ fetch, path: '/', listener, signal: stop.signal, random: () => 1 });
    return { requests, answers, seen, follow, stop };
  };
  const settle = () => vi.advanceTimersByTimeAsync(0);

  it('begins again where it was cut, and says so', async () => {
    const { requests, seen, follow } = serve();
    follow();
    await settle();
    requests[0]?.write(stream(7, 'job'));
    await settle();
    requests[0]?.end();
    await settle();
    await vi.advanceTimersByTimeAsync(500);
    expect(requests.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '7']);
    expect(seen).toEqual(['live', 'reset', 'job', 'reconnecting', 'live']);
  });

  it('waits longer after each failure, and no longer than half a minute', async () => {
    const { requests, answers, follow, stop } = serve();
    answers.push(...Array<number>(9).fill(503));
    follow();
    for (const pause of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = requests.length;
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(requests).toHaveLength(before === 0 ? 1 : before);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(requests).toHaveLength(9);
    stop.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toHaveLength(9);
  });

  it('takes a line without a heartbeat for dead', async () => {
    const { requests, seen, follow } = serve();
    follow();
    await settle();
    for (let minute = 0; minute < 3; minute++) {
      await vi.advanceTimersByTimeAsync(59_000);
      requests[0]?.write(':\n\n');
      await settle();
    }
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_500);
    expect(seen.slice(-3)).toEqual(['reconnecting', 'live', 'reset']);
  });

  it('stops where it is refused', async () => {
    const { requests, answers, seen, follow } = serve();
    answers.push(401);
    follow();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(requests).toHaveLength(1);
    expect(seen).toEqual(['refused']);
  });
});
