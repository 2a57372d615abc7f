import type { DeviceId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { encodeLine } from '../base/ndjson.ts';
import type { CoordinatorEvent } from '../protocol/device-api.ts';
import type { Cluster } from './cluster/cluster.ts';
import { createElsewhere } from './cluster/elsewhere.ts';

/**
 * The open event streams of all devices. Who has one is online, here or at another coordinator: there is no other measure. A
 * device may hold several; one that does not read is cut, so that nobody's slowness takes memory here.
 */
export interface EventStreams {
  /** `greeting` is written before anything else can be. Returns what to call when the stream has ended. */
  open(device: DeviceId, sink: EventSink, greeting: () => CoordinatorEvent): () => void;
  /** Connected to any coordinator; to this one. */
  online(): DeviceId[];
  isOnline(device: DeviceId): boolean;
  here(): DeviceId[];
  isHere(device: DeviceId): boolean;
  /** To a device that is connected here. */
  send(device: DeviceId, event: CoordinatorEvent): void;
  /** Wherever it is connected. For small events that the database does not hold. */
  sendAnywhere(device: DeviceId, event: CoordinatorEvent): void;
  /** To all that are connected here. */
  broadcast(event: CoordinatorEvent): void;
  /** Called when a device's first stream opened or its last one ended, anywhere; here. */
  onPresence(listener: PresenceListener): () => void;
  onHere(listener: PresenceListener): () => void;
  close(): void;
}
export type PresenceListener = (device: DeviceId, online: boolean) => void;

export interface EventSink {
  write(line: string): void;
  /** Bytes written and not yet taken. */
  backlog(): number;
  close(): void;
}

const pingMs = 10_000;

export function createEventStreams(clock: Clock, cluster: Cluster): EventStreams {
  const streams = new Map<DeviceId, Set<EventSink>>();
  const listeners = new Set<PresenceListener>();
  const listenersHere = new Set<PresenceListener>();
  const here = () => [...streams.keys()];
  const elsewhere = createElsewhere(cluster, here);
  const online = () => [...new Set([...streams.keys(), ...elsewhere.online()])];

  function write(sink: EventSink, line: string): void {
    if (sink.backlog() > limits.eventBacklog) sink.close();
    else sink.write(line);
  }
  function broadcast(event: CoordinatorEvent): void {
    const line = encodeLine(event);
    for (const sinks of streams.values()) for (const sink of sinks) write(sink, line);
  }
  function send(device: DeviceId, event: CoordinatorEvent): void {
    const line = encodeLine(event);
    for (const sink of streams.get(device) ?? []) write(sink, line);
  }

  const tellOnline = createOnlineTeller(clock, here, () => broadcast({ type: 'online', online: online() }));
  function announce(device: DeviceId, isOnline: boolean): void {
    tellOnline();
    for (const listener of [...listeners]) listener(device, isOnline);
  }
  function announceHere(device: DeviceId, isHere: boolean): void {
    elsewhere.tell(device, isHere);
    for (const listener of [...listenersHere]) listener(device, isHere);
    if (!elsewhere.has(device)) announce(device, isHere);
  }
  elsewhere.onChange((device, isElsewhere) => {
    if (!streams.has(device)) announce(device, isElsewhere);
  });
  cluster.on('event', ({ device, event }) => send(device, event));

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
      if (sinks.size === 1) announceHere(device, true);
      return () => {
        if (!sinks.delete(sink) || sinks.size > 0) return;
        streams.delete(device);
        announceHere(device, false);
      };
    },
    online,
    isOnline: (device) => streams.has(device) || elsewhere.has(device),
    here,
    isHere: (device) => streams.has(device),
    send,
    sendAnywhere(device, event) {
      send(device, event);
      elsewhere.send(device, event);
    },
    broadcast,
    onPresence(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onHere(listener) {
      listenersHere.add(listener);
      return () => void listenersHere.delete(listener);
    },
    close() {
      stopPings();
      listeners.clear();
      listenersHere.clear();
      for (const sinks of streams.values()) for (const sink of sinks) sink.close();
    }
  };
}

/**
 * Who is online goes to everybody: n words of n names each time. Among a few it is told at once; among a thousand at most once a
 * second, or their coming back after an outage would be a billion names.
 */
function createOnlineTeller(clock: Clock, here: () => readonly DeviceId[], tell: () => void): () => void {
  let told = Number.NEGATIVE_INFINITY;
  let waiting = false;
  function now(): void {
    waiting = false;
    told = clock.now();
    tell();
  }
  return () => {
    if (waiting) return;
    const pauseMs = Math.floor(here().length ** 2 / 1000);
    const rest = told + pauseMs - clock.now();
    if (rest <= 0) return now();
    waiting = true;
    clock.after(rest, now);
  };
}
