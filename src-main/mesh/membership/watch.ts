import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import type { Member } from './port.ts';
import { watched } from './rings.ts';
import { swim } from './settings.ts';

/** Whose turn it is: to be probed, to relay, to be synchronized with. */
export interface Watch {
  /** Members have changed. */
  refresh(): void;
  /** How many are thought alive, with this node. */
  size(): number;
  /** Whom this node watches. */
  targets(): readonly DeviceId[];
  /**
   * Whom to probe now: whom an old suspicion is about, a suspect that this node has not yet found silent itself, every other
   * time one that it has, else who was heard least lately: who has just said something is there. Nobody when there is no news to pass on, all watch each other,
   * and all were heard in two thirds of a round. Every so often who was probed least lately, so that nobody counts as alive for
   * talking alone.
   */
  next(hasNews: boolean): DeviceId | undefined;
  /** This node watches it, and no probe of it is under way. */
  mayProbe(id: DeviceId): boolean;
  /** Somebody is suspect: there is news to spread, and to wait for. */
  isTroubled(): boolean;
  /** It has said something, or answered. */
  heard(id: DeviceId): void;
  /** To be probed soon, and shown what is said about it. */
  doubt(id: DeviceId, suspicion: Signed): void;
  /** A probe begins; gives what is to be shown to it. No other begins until it ends. */
  begin(id: DeviceId): Signed[];
  /** `silent`: the incarnation that did not answer. Gives that of the last time. */
  end(id: DeviceId, silent: number | null): number | undefined;
  /** Some of those with whom connections are open anyway. */
  relays(target: DeviceId, most: number): DeviceId[];
  /** Whom to exchange pages with: by turns somebody alive, and one of those that belong but are not heard of. */
  partner(approved: ReadonlySet<DeviceId>): DeviceId | undefined;
}

export function createWatch(options: {
  readonly self: DeviceId;
  readonly members: () => readonly Member[];
  readonly random: () => number;
}): Watch {
  const { self, members, random } = options;
  let present: Member[] | null = null;
  let targets: DeviceId[] = [];
  /** The turn in which each was last heard, and probed. */
  const heard = new Map<DeviceId, number>();
  const probed = new Map<DeviceId, number>();
  let turn = 0;
  const underWay = new Set<DeviceId>();
  const silent = new Map<DeviceId, number>();
  const doubts = new Map<DeviceId, Signed[]>();

  const look = (): Member[] => {
    if (present) return present;
    present = members().filter(({ state }) => state === 'alive' || state === 'suspect');
    const ids = present.map(({ id }) => id);
    targets = watched(self, ids, swim.rings);
    return present;
  };
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const isIdle = (id: DeviceId): boolean => !underWay.has(id);

  return {
    refresh() {
      present = null;
    },
    size: () => look().length + 1,
    targets() {
      look();
      return targets;
    },
    next(hasNews) {
      const here = look();
      turn += 1;
      const doubted = [...doubts.keys()].find(isIdle);
      if (doubted) return doubted;
      const suspects = here.filter(({ id, state }) => state === 'suspect' && targets.includes(id) && isIdle(id));
      const suspect =
        pick(suspects.filter(({ id, incarnation }) => silent.get(id) !== incarnation)) ??
        (turn % 2 === 0 ? pick(suspects) : undefined);
      if (suspect) return suspect.id;
      const candidates = shuffled(targets.filter(isIdle), random);
      if (turn % swim.rings === 0) return leastOf(candidates, (id) => probed.get(id) ?? 0);
      const least = leastOf(candidates, (id) => heard.get(id) ?? 0);
      const isRecent = least !== undefined && turn - (heard.get(least) ?? 0) <= (targets.length * 2) / 3;
      return isRecent && targets.length === here.length && !hasNews ? undefined : least;
    },
    heard(id) {
      heard.set(id, turn);
    },
    mayProbe(id) {
      look();
      return targets.includes(id) && isIdle(id);
    },
    isTroubled: () => doubts.size > 0 || look().some(({ state }) => state === 'suspect'),
    doubt(id, suspicion) {
      const known = doubts.get(id) ?? [];
      if (known.length <= swim.confirmations) doubts.set(id, [...known, suspicion]);
    },
    begin(id) {
      const shown = doubts.get(id) ?? [];
      doubts.delete(id);
      underWay.add(id);
      probed.set(id, turn);
      return shown;
    },
    end(id, incarnation) {
      underWay.delete(id);
      const before = silent.get(id);
      if (incarnation === null) silent.delete(id);
      else silent.set(id, incarnation);
      return before;
    },
    relays: (target, most) =>
      shuffled(
        targets.filter((id) => id !== target),
        random
      ).slice(0, most),
    partner(approved) {
      turn += 1;
      const alive = look().filter(({ state }) => state === 'alive');
      const heard = new Set(look().map(({ id }) => id));
      const unheard = [...approved].filter((id) => !heard.has(id));
      const known = alive.map(({ id }) => id);
      return random() < 0.5 ? (pick(unheard) ?? pick(known)) : (pick(known) ?? pick(unheard));
    }
  };
}

function leastOf<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (least, item) => (least === undefined || measure(item) < measure(least) ? item : least),
    undefined
  );
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
