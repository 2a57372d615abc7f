import type { ChangeEvent } from '../../src-preload/contract/index.ts';
import type { ChangeListener } from './gateway.ts';

/** A connection that carries nothing, not even a heartbeat, for so long is taken for dead. */
const silence = 60_000;
const firstPause = 500;
const longestPause = 30_000;

interface Options {
  readonly fetch: typeof globalThis.fetch;
  readonly path: string;
  readonly listener: ChangeListener;
  readonly signal: AbortSignal;
  /** Between 0 and 1. */
  readonly random?: () => number;
}

/**
 * Server-sent events (WHATWG HTML, section 9.2) over fetch: unlike EventSource it notices a line
 * that died silently, and tells a refusal from a broken line. Comes back with growing pauses, at once when the network does.
 */
export const followEvents = ({ fetch, path, listener, signal, random = Math.random }: Options): void => {
  let last: string | null = null;
  let failures = 0;

  const connect = async (): Promise<'refused' | 'lost'> => {
    const lost = new AbortController();
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => lost.abort(), silence);
    };
    alive();
    // What the browser knows of the network, a silent connection would learn a minute later.
    globalThis.addEventListener?.('offline', () => lost.abort(), { signal: lost.signal });
    try {
      const response = await fetch(path, {
        headers: { accept: 'text/event-stream', ...(last === null ? {} : { 'last-event-id': last }) },
        credentials: 'same-origin',
        signal: AbortSignal.any([signal, lost.signal])
      });
      if (response.status === 401 || response.status === 403) return 'refused';
      if (!response.ok || !response.body) return 'lost';
      failures = 0;
      listener.onConnection('live');
      // Nobody can say what happened between the last answer and now.
      if (last === null) listener.onReset();
      const parse = createEventParser(({ id, event, data }) => {
        if (id !== undefined) last = id;
        if (event === 'change') listener.onChange(areasOf(data));
        if (event === 'reset') listener.onReset();
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'lost';
        alive();
        parse(value);
      }
    } catch {
      return 'lost';
    } finally {
      clearTimeout(watchdog);
      lost.abort();
    }
  };

  const run = async () => {
    while (!signal.aborted) {
      const end = await connect();
      if (signal.aborted) return;
      if (end === 'refused') return listener.onConnection('refused');
      listener.onConnection('reconnecting');
      const pause = Math.min(longestPause, firstPause * 2 ** failures);
      failures += 1;
      await sleepUntilWoken(pause * (0.5 + random() / 2), signal);
    }
  };
  void run();
};

/** Ends early when the network comes back or the page is looked at again. */
const sleepUntilWoken = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const woken = new AbortController();
    const wake = () => {
      clearTimeout(timer);
      woken.abort();
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    const { signal: once } = woken;
    globalThis.addEventListener?.('online', wake, { signal: once });
    globalThis.document?.addEventListener('visibilitychange', () => document.hidden || wake(), { signal: once });
    signal.addEventListener('abort', wake, { signal: once });
  });

const areasOf = (data: string): string[] => {
  const { changes } = JSON.parse(data) as ChangeEvent;
  return [...new Set(changes.map(({ area }) => area))];
};

interface ServerSentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/** Takes text in any pieces and gives each event once it is whole. Comments (heartbeats) are passed over. */
export const createEventParser = (give: (event: ServerSentEvent) => void) => {
  let rest = '';
  let id: string | undefined;
  let event = '';
  let data: string[] = [];
  const field = (line: string) => {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') id = value;
    if (name === 'event') event = value;
    if (name === 'data') data.push(value);
  };
  const finish = () => {
    if (data.length > 0 || event) give({ ...(id === undefined ? {} : { id }), event, data: data.join('\n') });
    id = undefined;
    event = '';
    data = [];
  };
  return (text: string): void => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') finish();
      else field(line);
    }
  };
};
