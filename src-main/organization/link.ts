import type { Agent } from 'node:https';
import { z } from 'zod';
import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { backoff, pause } from '../base/retry.ts';
import { requestLines } from '../identity/device-http.ts';
import { CoordinatorEvent } from '../protocol/device-api.ts';

/**
 * Keeps the coordinator's event stream open: reconnects for as long as it lives, later and later, never in step with others. Where
 * several coordinators run it stays with the one that answers, and asks the next one when that is gone.
 */
export interface EventLink {
  connected(): boolean;
  /** Of the coordinator that answers, or that is asked next. */
  url(): string;
  /** The coordinator was just reached by other means: try now. */
  hurry(): void;
  close(): void;
}

const silence = 25_000; // two pings (10 s) and a half
const delays = (random: () => number) => backoff(1_000, 30_000, random);

export function openEventLink(options: {
  readonly agent: Agent;
  /** At least one; asked for before each attempt. */
  readonly urls: () => readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Awaited before the next event is read; the first one also before `onConnected`. */
  readonly onEvent: (event: CoordinatorEvent) => Promise<void> | void;
  readonly onConnected: () => void;
  readonly onDisconnected: () => void;
  /** The coordinator itself says that this machine is not approved. */
  readonly onExpelled: () => void;
}): EventLink {
  const { agent, urls, clock, logger, random } = options;
  const closing = new AbortController();
  let connection = new AbortController();
  let connected = false;
  let url = urls()[0] ?? '';
  let pauses = delays(random);
  let wake: (() => void) | null = null;
  /** So that a long absence is one line in the log. */
  let reported: ErrorCode | null = null;

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
        pauses = delays(random);
        const event = CoordinatorEvent.safeParse(value);
        if (event.success) await options.onEvent(event.data);
        else logger.warn({}, 'event of the coordinator not understood');
        if (!connected && !closing.signal.aborted) greet();
      }
    } finally {
      stopWatching();
    }
  }

  function greet() {
    connected = true;
    reported = null;
    logger.info({ url }, 'coordinator connected');
    options.onConnected();
  }

  function lost(error: LetterlockError) {
    if (error.code !== reported) logger.warn({ error }, 'coordinator not connected');
    reported = error.code;
    if (error.code === 'device-not-approved') options.onExpelled();
    if (!connected) return;
    connected = false;
    options.onDisconnected();
  }

  const onHurry = (listener: () => void) => {
    wake = listener;
    return () => {
      wake = null;
    };
  };

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await follow().then(
        () => lost(new LetterlockError('coordinator-unreachable', 'stream ended')),
        (error: unknown) => lost(asLetterlockError(error))
      );
      url = after(url, urls());
      await pause(pauses.next().value, clock, closing.signal, onHurry);
    }
  }

  run().catch((error: unknown) => {
    if (!closing.signal.aborted) logger.error({ error }, 'event link failed');
  });
  return {
    connected: () => connected,
    url: () => url,
    hurry: () => wake?.(),
    close() {
      connected = false;
      const reason = new LetterlockError('coordinator-unreachable', 'closed');
      closing.abort(reason);
      connection.abort(reason);
    }
  };
}

/** In a circle; the first one when the address is not known any more. */
const after = (url: string, all: readonly string[]): string => all[(all.indexOf(url) + 1) % all.length] ?? url;
