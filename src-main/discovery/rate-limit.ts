import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';

/**
 * How many datagrams are read, from one sender and from all: sources can be made up, so both count. What is over the limit is
 * dropped; multicast DNS repeats what matters.
 */
export function createRateLimit(clock: Clock): (sender: string) => boolean {
  const all = bucket(limits.mdnsPerSecond, clock);
  /** Least recently heard first. */
  const senders = new Map<string, () => boolean>();
  return (sender) => {
    const known = senders.get(sender) ?? bucket(limits.mdnsPerSenderSecond, clock);
    senders.delete(sender);
    senders.set(sender, known);
    const [oldest] = senders.keys();
    if (senders.size > limits.mdnsSenders && oldest !== undefined) senders.delete(oldest);
    return known() && all();
  };
}

/** A bucket that holds one second's worth and is refilled steadily. */
function bucket(perSecond: number, clock: Clock): () => boolean {
  let [left, filled] = [perSecond, clock.now()];
  return () => {
    const now = clock.now();
    left = Math.min(perSecond, left + (Math.max(0, now - filled) / 1000) * perSecond);
    filled = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
