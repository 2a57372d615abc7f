import type { JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import { weightOf } from '../../protocol/placement.ts';
import { type ConditionSource, createConditionSource, runsDry } from './condition.ts';
import { type HandOver, type HandOverPorts, handOver } from './hand-over.ts';
import type { ReadPower } from './power.ts';

/** Why a node goes: told to go, by a machine that stops, sleeps, or runs out of power. */
export type Departure = 'told' | 'stop' | 'sleep' | 'battery';

/** A node that goes says so, and hands over first. */
export interface Leaving {
  readonly condition: ConditionSource;
  isLeaving(): boolean;
  /**
   * From now on it takes no more replicas. Resolves when everything is handed over, or after `seconds`. A node that is told to go
   * leaves as many copies behind as the policy wants; one that may be back soon leaves one.
   */
  leave(departure: Departure, seconds: number): Promise<HandOver>;
  /** It stays after all. */
  stay(): void;
  close(): void;
}

export function startLeaving(
  options: Omit<HandOverPorts, 'offlineGrants'> & {
    readonly copies: (job: JobId) => number;
    readonly offlineGrants: () => boolean;
    readonly freeBytes: () => Promise<number>;
    readonly readPower: ReadPower;
    readonly awakeShare: () => number;
    readonly domain: string;
    /** Told when something changed that others place jobs by. */
    readonly onCondition: (condition: NodeCondition) => void;
    readonly clock: Clock;
    readonly logger: Logger;
  }
): Leaving {
  const { copies, onCondition, clock, logger } = options;
  const departures = new Set<Departure>();
  const closing = new AbortController();
  const isLeaving = () => departures.size > 0;
  const condition = createConditionSource({ ...options, isLeaving });
  let cancelWatch = () => {};
  let told: string | null = null;

  const tell = async (): Promise<NodeCondition | null> => {
    try {
      const now = await condition.read();
      const essence = JSON.stringify([weightOf(now), now.leaving, now.power, now.domain]);
      if (essence !== told && !closing.signal.aborted) onCondition(now);
      told = essence;
      return now;
    } catch (error) {
      logger.warn({ error }, 'the condition of this machine is not known');
      return null;
    }
  };
  const leave: Leaving['leave'] = async (departure, seconds) => {
    departures.add(departure);
    void tell();
    const late = new AbortController();
    const off = clock.after(seconds * 1000, () => late.abort());
    try {
      const enough = (job: JobId) => (departure === 'told' ? copies(job) : Math.min(1, copies(job)));
      const signal = AbortSignal.any([late.signal, closing.signal]);
      const result = await handOver(enough, { ...options, offlineGrants: options.offlineGrants() }, signal);
      logger.info({ departure, made: result.made, left: result.left.length }, 'replicas were handed over');
      return result;
    } finally {
      off();
    }
  };
  const stayAfter = (...over: Departure[]) => {
    for (const departure of over) departures.delete(departure);
    void tell();
  };

  /** Nothing tells of free space and of the battery: they are looked at now and then. */
  const watch = async (): Promise<void> => {
    cancelWatch = clock.after(limits.powerReadSeconds * 1000, look);
    const now = await tell();
    if (closing.signal.aborted || !now) return;
    const dry = runsDry(now);
    if (dry && !departures.has('battery')) await leave('battery', limits.batteryLeaveSeconds);
    if (!dry && departures.has('battery')) stayAfter('battery');
  };
  const look = () => void watch().catch((error) => logger.warn({ error }, 'nothing was handed over'));
  look();

  return {
    condition,
    isLeaving,
    leave,
    stay: () => stayAfter('told', 'sleep'),
    close() {
      closing.abort();
      cancelWatch();
    }
  };
}
