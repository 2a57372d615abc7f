import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import type { Power, ReadPower } from './power.ts';

/** What this node says of itself. Read when asked, and no more often than it can have changed. */
export interface ConditionSource {
  read(): Promise<NodeCondition>;
}

export function createConditionSource(options: {
  readonly freeBytes: () => Promise<number>;
  readonly readPower: ReadPower;
  readonly awakeShare: () => number;
  readonly domain: string;
  readonly isLeaving: () => boolean;
  readonly clock: Clock;
}): ConditionSource {
  const { freeBytes, readPower, awakeShare, domain, isLeaving, clock } = options;
  const power = remembered(readPower, limits.powerReadSeconds, clock);
  const free = remembered(freeBytes, limits.spaceReadSeconds, clock);
  return {
    async read() {
      const [supply, bytes] = await Promise.all([power(), free()]);
      return {
        ...supply,
        freeBytes: roughly(Math.max(0, bytes - limits.diskReserve)),
        awakeShare: awakeShare(),
        domain,
        stationary: supply.batteryPercent === undefined,
        leaving: isLeaving()
      };
    }
  };
}

/** Rounded down, by less than an eighth: every change is told to the whole mesh, and disks change all the time. */
const roughly = (bytes: number): number => {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1))) - 3);
  return Math.floor(bytes / step) * step;
};

/** Whether the machine will soon be off for want of power. */
export const runsDry = ({ power, batteryPercent = 100 }: Power): boolean =>
  power === 'battery' && batteryPercent < limits.lowBatteryPercent;

/** One answer for so many seconds, and one question at a time. */
function remembered<T>(read: () => Promise<T>, seconds: number, clock: Clock): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined;
  return () => {
    const now = clock.now();
    if (!last || now - last.at >= seconds * 1000) {
      const answer = read();
      last = { at: now, answer };
      answer.catch(() => {
        if (last?.answer === answer) last = undefined;
      });
    }
    return last.answer;
  };
}
