import { useSyncExternalStore } from 'react';

/** The present, in whole seconds, for countdowns and ages. Ticks only while something on the screen shows it. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

const tick = () => {
  now = Date.now();
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

const seconds = () => now;
const minutes = () => now - (now % 60_000);

/** Milliseconds since 1970, renewed each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, seconds, seconds);

/** The same to the minute: for ages and expiries, which nobody reads by the second. */
export const useMinute = (): number => useSyncExternalStore(subscribe, minutes, minutes);
