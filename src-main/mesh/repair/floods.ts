import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/** A token bucket for each node that speaks to us. There are never more of them than approved nodes. Throws `rate-limited`. */
export function createFloodGate(clock: Clock): (from: DeviceId) => void {
  const buckets = new Map<DeviceId, { left: number; at: number }>();
  return (from) => {
    const now = clock.now();
    const { left, at } = buckets.get(from) ?? { left: limits.syncBurst, at: now };
    const gained = (Math.max(0, now - at) / 1000) * limits.syncPerSecond;
    const filled = Math.min(limits.syncBurst, left + gained);
    if (filled < 1) throw new LetterlockError('rate-limited', 'repair');
    buckets.set(from, { left: filled - 1, at: now });
  };
}
