import {
  type AttemptState,
  advance,
  type JobProgress,
  type JobStep,
  stateOf
} from '../../../src-main/coordinator/job-state.ts';
import { cameToNothing } from '../../../src-main/coordinator/offline/settling.ts';
import { mayFollow } from '../../../src-main/mesh/claims/voting.ts';
import type { Claim } from '../../../src-main/protocol/offline.ts';
import { majorityOf } from '../../../src-main/sealing/escrow.ts';
import { DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Model, Step } from './explore.ts';

/**
 * Two releases of one job that stations may release too: by two stations, by one and the coordinator, or both by the coordinator. Three
 * voters; one of them delivers the first release, and a holder that is none the second. docs/spec/mesh.md, "Claims". What a voter says
 * is decided by `mayFollow` (mesh/claims/voting.ts), what the coordinator says by `advance` and `cameToNothing`. Time and network are
 * as in at-most-once.ts: each of all that was ever said may come at any moment, again, or never. So are partitions, which need no more.
 */
export interface ClaimsVariant {
  /** Who grants each of the two. */
  readonly by: readonly ['station' | 'coordinator', 'station' | 'coordinator'];
  /** A rule is left out, to see that the model notices. `memory`: a voter forgets. `ended`: it forgets once the job has ended. */
  readonly without?: 'majority' | 'memory' | 'ended' | undefined;
}

const voters = [0, 1, 2] as const;
/** Where each of the two releases is printed. */
const deliverers = [0, 3] as const;

interface Release {
  readonly stage: 'none' | 'granted' | 'asking' | 'starting' | 'printing' | 'ended' | 'reported';
  readonly fence: number;
  /** As the coordinators have it; undefined: they have never heard of it. */
  readonly attempt: AttemptState | undefined;
  readonly outcome: 'none' | 'completed' | 'failed' | 'uncertain';
  /** A person was told that it may have been printed, and wanted it all the same. */
  readonly secondCopy: boolean;
  /** The delivering node has told the voters that it is over. */
  readonly over: boolean;
  /** The coordinator's answer to whether it may begin. */
  readonly mayBegin: boolean;
  readonly refused: boolean;
  readonly paper: boolean;
}

interface World {
  readonly closed: JobProgress['closed'];
  readonly releases: readonly [Release, Release];
  /** Which release each voter has said yes to last, and to which of those that ask. */
  readonly held: readonly (0 | 1 | null)[];
  readonly yes: readonly (readonly boolean[])[];
  /** The two that deliver: the others hold nothing. */
  readonly erased: readonly boolean[];
  readonly crashes: number;
}

export function claimsModel({ by, without }: ClaimsVariant, bounds: { readonly crashes: number }): Model<World> {
  const none: Release = {
    ...{ stage: 'none', fence: 0, attempt: undefined, outcome: 'none', secondCopy: false },
    ...{ over: false, mayBegin: false, refused: false, paper: false }
  };
  const isStation = (at: 0 | 1): boolean => by[at] === 'station';

  function* releasing(world: World, at: 0 | 1): Generator<Step<World>> {
    const one = world.releases[at];
    const say = (what: string, change: Partial<Release>, fault = false): Step<World> => ({
      name: `release ${at}: ${what}`,
      to: changed(world, at, change),
      fault
    });
    const holds = !world.erased[deliverers[at]];
    const ended = (outcome: Release['outcome'], over: boolean): Partial<Release> => ({ stage: 'ended', outcome, over });

    switch (one.stage) {
      case 'none':
        if (isStation(at)) {
          if (holds) yield say('granted by a station; journal.accept', { stage: 'asking', fence: 1e9 + at });
          return;
        }
        yield* claim(world, at);
        return;
      case 'granted':
        if (holds) yield say('journal.accept', { stage: 'asking' });
        break;
      case 'asking': {
        const agreed = voters.filter((voter) => world.yes[voter]?.[at]).length;
        const enough = without === 'majority' ? 1 : majorityOf({ voters: voterIds });
        if (agreed >= enough) yield say('claims.take: agreed', { stage: isStation(at) ? 'printing' : 'starting' });
        yield say('claims.take: not to be had', ended('failed', true));
        break;
      }
      case 'starting':
        if (one.mayBegin) yield say('agreeToBegin: may start', { stage: 'printing' });
        if (one.refused) yield say('agreeToBegin: is refused', ended('failed', true));
        yield say('agreeToBegin: hears nothing', ended('failed', true), true);
        break;
      case 'printing':
        if (!one.paper) {
          yield say('a first sheet', { paper: true });
          yield say('certainly nothing came out', ended('failed', true));
        } else yield say('completed', ended('completed', false));
        yield say('nobody knows what came out', ended('uncertain', false), true);
        break;
    }
    yield* coordinator(world, at);
    if (
      world.crashes < bounds.crashes &&
      (one.stage === 'asking' || one.stage === 'starting' || one.stage === 'printing')
    ) {
      const outcome = one.stage === 'printing' ? 'uncertain' : 'failed';
      const crashed = { ...world, crashes: world.crashes + 1 };
      yield {
        name: `release ${at}: its node crashes, and recovers`,
        to: changed(crashed, at, ended(outcome, false)),
        fault: true
      };
    }
  }

  function* claim(world: World, at: 0 | 1): Generator<Step<World>> {
    const before = progressOf(world);
    const secondCopy = stateOf(before) === 'uncertain';
    const after = advance(before, { do: 'claim', acceptSecondCopy: secondCopy });
    const fence = typeof after === 'string' ? undefined : after.attempts.at(-1)?.fence;
    if (fence === undefined) return;
    const change = { stage: 'granted', attempt: 'claimed', fence, secondCopy } as const;
    yield {
      name: `release ${at}: grants.issue${secondCopy ? ', a second copy accepted' : ''}`,
      to: changed(world, at, change)
    };
  }

  /** Its transactions, each alone. */
  function* coordinator(world: World, at: 0 | 1): Generator<Step<World>> {
    const one = world.releases[at];
    const { fence } = one;
    const step = (name: string, step: JobStep, change: Partial<Release> = {}): Step<World>[] => {
      const after = taken(world, step);
      return after ? [{ name: `${name} of release ${at}`, to: changed(after, at, change) }] : [];
    };
    if (one.stage === 'starting' && !one.mayBegin && !one.refused) {
      const begins = step('outcomes.start', { do: 'start', fence }, { mayBegin: true });
      yield* begins.length > 0
        ? begins
        : [{ name: 'outcomes.start: refused', to: changed(world, at, { refused: true }) }];
    }
    if (one.attempt === undefined && (one.stage === 'printing' || one.stage === 'ended')) {
      const told = changed(world, at, { attempt: 'claimed' });
      const after = taken(told, { do: 'offline', fence });
      if (after) yield { name: `records.take of release ${at}`, to: after };
    }
    if (one.attempt === 'claimed') yield* step('deadlines: lapse', { do: 'lapse', fence });
    if (one.attempt === 'started') yield* step('deadlines: silence', { do: 'uncertain', fence });
    if (one.stage === 'ended' && one.attempt !== undefined && one.outcome !== 'none') {
      const after = taken(world, { do: one.outcome, fence }) ?? world;
      yield { name: `outcomes.report of release ${at}: ${one.outcome}`, to: changed(after, at, { stage: 'reported' }) };
    }
  }

  /** mesh/claims: what reaches a voter, and what it does about it. */
  function* voting(world: World, voter: number): Generator<Step<World>> {
    const held = world.held[voter] ?? null;
    const holding = (name: string, value: 0 | 1 | null, fault = false): Step<World> => ({
      name: `voter ${voter}: ${name}`,
      to: { ...world, held: world.held.with(voter, value) },
      fault
    });
    for (const at of [0, 1] as const) {
      const { stage } = world.releases[at];
      const wasAsked = stage !== 'none' && stage !== 'granted';
      const asked = claimOf(world, at);
      if (wasAsked && !world.erased[voter] && mayFollow(held === null ? undefined : claimOf(world, held), asked)) {
        const said = (world.yes[voter] ?? []).with(at, stage === 'asking');
        const to = { ...world, held: world.held.with(voter, at), yes: world.yes.with(voter, said) };
        yield { name: `voter ${voter}: yes to release ${at}`, to };
      }
      if (world.releases[at].over && held === at) yield holding(`release ${at} is over`, null);
    }
    if (held === null) return;
    const attempt = world.releases[held].attempt;
    if (cameToNothing(attempt)) yield holding('settles with the coordinator', null);
    if (without === 'ended' && isOver(world)) yield holding('forgets what has ended', null);
    if (without === 'memory') yield holding('has forgotten', null, true);
  }

  const claimOf = (world: World, at: 0 | 1): Claim => ({
    ...{ job, grant: grants[at], node: nodeIds[deliverers[at]], fence: world.releases[at].fence },
    ...{ station: isStation(at) ? stationIds[at] : null, expires: '' }
  });

  return {
    initial: {
      ...{ closed: null, releases: [none, none], held: [null, null, null], crashes: 0 },
      ...{ yes: voters.map(() => [false, false]), erased: [false, false, false, false] }
    },
    key({ closed, releases, held, yes, erased, crashes }) {
      // The voters that deliver nothing are alike.
      const others = [1, 2].map((voter) => `${held[voter]}${yes[voter]}${erased[voter]}`).sort();
      const mine = releases.map(wordsOf);
      return `${closed} ${mine} ${held[0]}${yes[0]}${erased[0]} ${others} ${erased[3]} ${crashes}`;
    },
    violation({ releases }) {
      const printed = releases.filter(({ paper }) => paper).length;
      const accepted = releases.filter(({ secondCopy }) => secondCopy).length;
      if (printed > 1 + accepted) return `printed ${printed} times, and ${accepted} second copies were accepted`;
      for (const { attempt, paper } of releases) {
        if (paper && (attempt === 'failed' || attempt === 'lapsed')) return `printed, and called ${attempt}`;
        if (!paper && attempt === 'completed') return 'not printed, and called completed';
      }
      return null;
    },
    isFinal: (world) =>
      isOver(world) &&
      deliverers.every((holder) => world.erased[holder]) &&
      world.releases.every(({ stage }) => stage === 'none' || stage === 'granted' || stage === 'reported'),
    *steps(world) {
      for (const at of [0, 1] as const) yield* releasing(world, at);
      for (const voter of voters) yield* voting(world, voter);
      const canceled = taken(world, { do: 'cancel' });
      if (canceled) yield { name: 'jobs.cancel', to: canceled };
      if (!isOver(world)) return;
      for (const holder of deliverers) {
        if (world.erased[holder]) continue;
        const held = holder < voters.length ? world.held.with(holder, null) : world.held;
        yield { name: `erasure: node ${holder}`, to: { ...world, held, erased: world.erased.with(holder, true) } };
      }
    }
  };
}

const device = (n: number): DeviceId => DeviceId.parse(`00000000-0000-4000-8000-00000000000${n}`);
const nodeIds = { 0: device(0), 3: device(3) } as const;
const stationIds = { 0: device(8), 1: device(9) } as const;
const voterIds = voters.map(device);
const job = JobId.parse('00000000-0000-4000-8000-0000000000aa');
const grants = ['b0', 'b1'].map((end) => GrantId.parse(`00000000-0000-4000-8000-0000000000${end}`)) as [
  GrantId,
  GrantId
];

const isOver = (world: World): boolean => ['completed', 'canceled', 'expired'].includes(stateOf(progressOf(world)));

/** In the order in which the coordinators heard of them, which `advance` does not look at. */
const progressOf = ({ closed, releases }: World): JobProgress => ({
  closed,
  attempts: releases.flatMap(({ attempt, fence }) => (attempt === undefined ? [] : [{ fence, state: attempt }]))
});

/** The world after a step of the coordinator's state machine; undefined: refused, or nothing changes. */
function taken(world: World, step: JobStep): World | undefined {
  const before = progressOf(world);
  const after = advance(before, step);
  if (typeof after === 'string' || after === before) return undefined;
  const [first, second] = world.releases.map((one) => {
    const attempt = after.attempts.find(({ fence }) => one.attempt !== undefined && fence === one.fence)?.state;
    return one.attempt === attempt ? one : { ...one, attempt };
  });
  return first && second ? { ...world, closed: after.closed, releases: [first, second] } : undefined;
}

function changed(world: World, at: 0 | 1, change: Partial<Release>): World {
  const [first, second] = world.releases;
  const one = relevant({ ...world.releases[at], ...change });
  // Nobody waits for a yes any more.
  const yes = one.stage === 'asking' ? world.yes : world.yes.map((said) => (said[at] ? said.with(at, false) : said));
  return { ...world, yes, releases: at === 0 ? [one, second] : [first, one] };
}

const known = new WeakMap<Release, string>();
function wordsOf(one: Release): string {
  const words = known.get(one) ?? Object.values(one).join();
  known.set(one, words);
  return words;
}

/** Without what can change nothing any more. */
function relevant(one: Release): Release {
  const waits = one.stage === 'starting';
  const outcome = one.stage === 'ended' ? one.outcome : 'none';
  return { ...one, outcome, mayBegin: one.mayBegin && waits, refused: one.refused && waits };
}
