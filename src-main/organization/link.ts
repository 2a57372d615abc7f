import type { Agent } from 'node:https';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { requestLines } from '../identity/device-http.ts';
import { CoordinatorEvent } from '../protocol/device-api.ts';

/** Keeps the coordinator's event stream open: reconnects for as long as it lives, later and later, never in step with others. */
export interface EventLink {
  connected(): boolean;
  /** The coordinator was just reached by other means: try now. */
  hurry(): void;
  close(): void;
}

const silence = 25_000; // two pings (10 s) and a half
const firstDelay = 500;
const longestDelay = 30_000;

export function openEventLink(options: {
  readonly agent: Agent;
  readonly url: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Awaited before the next event is read; the first one also before `onConnected`. */
  readonly onEvent: (event: CoordinatorEvent) => Promise<void> | void;
  readonly onConnected: () => void;
  readonly onDisconnected: () => void;
}): EventLink {
  const { agent, url, clock, logger, random } = options;
  let closed = false;
  let connection = new AbortController();
  let connected = false;
  let failures = 0;
  let wake: (() => void) | null = null;

  async function follow(): Promise<void> {
    const attempt = new AbortController();
    connection = attempt;
    const watch = () =>
      clock.after(silence, () => attempt.abort(new LetterlockError('coordinator-unreachable', 'silent')));
    let stopWatching = watch();
    try {
      const events = requestLines({
        agent,
        url,
        path: '/v1/events',
        method: 'GET',
        schema: z.unknown(),
        signal: attempt.signal,
        unreachable: 'coordinator-unreachable',
        idleSeconds: 0
      });
      for await (const value of events) {
        stopWatching();
        stopWatching = watch();
        failures = 0;
        const event = CoordinatorEvent.safeParse(value);
        if (event.success) await options.onEvent(event.data);
        else logger.warn({}, 'event of the coordinator not understood');
        if (!connected && !closed) greet();
      }
    } finally {
      stopWatching();
    }
  }

  function greet() {
    connected = true;
    logger.info({}, 'coordinator connected');
    options.onConnected();
  }

  function lost(error: unknown) {
    if (failures === 0 || connected) logger.warn({ error }, 'coordinator not connected');
    failures += 1;
    if (!connected) return;
    connected = false;
    options.onDisconnected();
  }

  /** Waits out the back-off, or until somebody hurries. */
  const pause = () =>
    new Promise<void>((resolve) => {
      const longest = Math.min(longestDelay, firstDelay * 2 ** Math.min(failures, 10));
      const cancel = clock.after(longest * (0.5 + random() / 2), resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  async function run(): Promise<void> {
    while (!closed) {
      const ended = await follow().then(
        () => new LetterlockError('coordinator-unreachable', 'stream ended'),
        (error: unknown) => asLetterlockError(error)
      );
      if (closed) return;
      lost(ended);
      await pause();
      wake = null;
    }
  }

  run().catch((error: unknown) => logger.error({ error }, 'event link failed'));
  return {
    connected: () => connected,
    hurry: () => wake?.(),
    close() {
      closed = true;
      connected = false;
      connection.abort(new LetterlockError('coordinator-unreachable', 'closed'));
      wake?.();
    }
  };
}
