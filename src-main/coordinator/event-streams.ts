import type { DeviceId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { encodeLine } from '../base/ndjson.ts';
import type { CoordinatorEvent } from '../protocol/device-api.ts';

/**
 * The open event streams of all devices. Who has one is online: there is no other measure. A device may hold several; one
 * that does not read is cut, so that nobody's slowness takes memory here.
 */
export interface EventStreams {
  /** `greeting` is written before anything else can be. Returns what to call when the stream has ended. */
  open(device: DeviceId, sink: EventSink, greeting: () => CoordinatorEvent): () => void;
  online(): DeviceId[];
  isOnline(device: DeviceId): boolean;
  send(device: DeviceId, event: CoordinatorEvent): void;
  broadcast(event: CoordinatorEvent): void;
  /** Called when a device's first stream opened or its last one ended. */
  onPresence(listener: (device: DeviceId, online: boolean) => void): () => void;
  close(): void;
}

export interface EventSink {
  write(line: string): void;
  /** Bytes written and not yet taken. */
  backlog(): number;
  close(): void;
}

const pingMs = 10_000;

export function createEventStreams(clock: Clock): EventStreams {
  const streams = new Map<DeviceId, Set<EventSink>>();
  const listeners = new Set<(device: DeviceId, online: boolean) => void>();
  const online = () => [...streams.keys()];

  function write(sink: EventSink, line: string): void {
    if (sink.backlog() > limits.eventBacklog) sink.close();
    else sink.write(line);
  }
  function broadcast(event: CoordinatorEvent): void {
    const line = encodeLine(event);
    for (const sinks of streams.values()) for (const sink of sinks) write(sink, line);
  }
  function announce(device: DeviceId, isOnline: boolean): void {
    broadcast({ type: 'online', online: online() });
    for (const listener of listeners) listener(device, isOnline);
  }

  let stopPings = clock.after(pingMs, function ping() {
    broadcast({ type: 'ping' });
    stopPings = clock.after(pingMs, ping);
  });

  return {
    open(device, sink, greeting) {
      const sinks = streams.get(device) ?? new Set<EventSink>();
      if (sinks.size >= limits.eventStreams) throw new LetterlockError('rate-limited', 'event streams');
      streams.set(device, sinks.add(sink));
      write(sink, encodeLine(greeting()));
      if (sinks.size === 1) announce(device, true);
      return () => {
        if (!sinks.delete(sink) || sinks.size > 0) return;
        streams.delete(device);
        announce(device, false);
      };
    },
    online,
    isOnline: (device) => streams.has(device),
    send(device, event) {
      const line = encodeLine(event);
      for (const sink of streams.get(device) ?? []) write(sink, line);
    },
    broadcast,
    onPresence(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      stopPings();
      listeners.clear();
      for (const sinks of streams.values()) for (const sink of sinks) sink.close();
    }
  };
}
