import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';

/**
 * Sees everything, changes nothing, and notes what must not be. A job of which the last whole replica was destroyed by a fault is lost
 * without anybody's doing, and counted.
 */
export interface Oracle {
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<Count, number>>;
  /** The job is as good as printed for whoever submitted it. */
  accepted(job: JobId): void;
  /** A node has a whole replica on its disk. */
  stored(job: JobId, node: DeviceId, hasTombstone: boolean): void;
  /** It has none any more. `why`: a disk, a rotten replica, or an order that it verified. */
  gone(job: JobId, node: DeviceId, why: 'fault' | 'rotten' | 'order' | 'discarded'): void;
  /** The replica there cannot be read any more. */
  rotted(job: JobId, node: DeviceId): void;
  secondCopyAccepted(job: JobId): void;
  printed(job: JobId): void;
  /** The coordinator's state machine has ended it. */
  ended(job: JobId): void;
  /** Somebody who knew of the end has told this node, which had time to obey since. */
  met(job: JobId, node: DeviceId, holdsStill: boolean): void;
  /** A node that goes has said that somebody else has it. */
  handedOver(job: JobId, node: DeviceId): void;
  count(what: Count): void;
  fail(what: string): void;
  holders(job: JobId): ReadonlySet<DeviceId>;
  /** Accepted, not ended, and not lost by a fault. */
  alive(): JobId[];
  isEnded(job: JobId): boolean;
}
export type Count =
  | 'accepted'
  | 'printed'
  | 'copies'
  | 'lost'
  | 'crashes'
  | 'refused'
  | 'ended'
  | 'offline'
  | 'handedOver';

interface Fate {
  accepted: boolean;
  ended: boolean;
  lost: boolean;
  printed: number;
  allowed: number;
  readonly whole: Set<DeviceId>;
  /** Who ever had it whole. */
  readonly ever: Set<DeviceId>;
}

export function createOracle(now: () => number): Oracle {
  const began = now();
  const fates = new Map<JobId, Fate>();
  const violations: string[] = [];
  const counts = {
    accepted: 0,
    printed: 0,
    copies: 0,
    lost: 0,
    crashes: 0,
    refused: 0,
    ended: 0,
    offline: 0,
    handedOver: 0
  };
  const fateOf = (job: JobId): Fate => {
    const fate = fates.get(job) ?? {
      accepted: false,
      ended: false,
      lost: false,
      printed: 0,
      allowed: 1,
      whole: new Set(),
      ever: new Set()
    };
    fates.set(job, fate);
    return fate;
  };
  const fail = (what: string) => void violations.push(`${((now() - began) / 1000).toFixed(1)} s: ${what}`);
  const short = (id: string) => id.slice(-4);
  const faded = (fate: Fate): void => {
    if (fate.whole.size > 0 || !fate.accepted || fate.ended || fate.lost) return;
    fate.lost = true;
    counts.lost += 1;
  };

  return {
    violations,
    counts,
    accepted(job) {
      const fate = fateOf(job);
      if (fate.accepted) return;
      fate.accepted = true;
      counts.accepted += 1;
      faded(fate);
    },
    stored(job, node, hasTombstone) {
      if (hasTombstone) fail(`${short(job)} came back to ${short(node)}, which had erased it`);
      fateOf(job).whole.add(node);
      fateOf(job).ever.add(node);
    },
    gone(job, node, why) {
      const fate = fateOf(job);
      const wasWhole = fate.whole.delete(node);
      if (why === 'discarded' && wasWhole) fail(`${short(node)} threw a whole replica of ${short(job)} away`);
      if (why === 'order' && !fate.ended) fail(`${short(node)} erased ${short(job)}, which has not ended`);
      if (why === 'fault') faded(fate);
    },
    rotted(job, node) {
      const fate = fateOf(job);
      fate.whole.delete(node);
      faded(fate);
    },
    secondCopyAccepted(job) {
      fateOf(job).allowed += 1;
    },
    printed(job) {
      const fate = fateOf(job);
      fate.printed += 1;
      counts.printed += 1;
      if (fate.printed > fate.allowed)
        fail(`${short(job)} was printed ${fate.printed} times, allowed were ${fate.allowed}`);
    },
    ended(job) {
      fateOf(job).ended = true;
      counts.ended += 1;
    },
    met(job, node, holdsStill) {
      if (holdsStill) fail(`${short(node)} was told that ${short(job)} has ended, and holds it still`);
    },
    handedOver(job, node) {
      const { ever, ended } = fateOf(job);
      if (!ended && [...ever].every((id) => id === node))
        fail(`${short(node)} left, and nobody else has had ${short(job)}`);
    },
    count(what) {
      counts[what] += 1;
    },
    fail,
    holders: (job) => fateOf(job).whole,
    alive: () => [...fates].flatMap(([job, { accepted, ended, lost }]) => (accepted && !ended && !lost ? [job] : [])),
    isEnded: (job) => fateOf(job).ended
  };
}
