import { z } from 'zod';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { RepairMessage, repairVersion } from '../../protocol/repair.ts';
import type { MemberState } from '../membership/port.ts';
import { createDueTimes } from './due-times.ts';
import { createFloodGate } from './floods.ts';
import { createHealing } from './healing.ts';
import { createHoldings } from './holdings.ts';
import type { Repair, RepairOptions } from './port.ts';
import { createReconciling, witnessesOf } from './reconciling.ts';
import { createScrubbing } from './scrubbing.ts';
import { createSync } from './sync.ts';
import { createWithdrawing } from './withdrawing.ts';
import { coalesced, createWork } from './work.ts';

/**
 * Keeps replicas whole and in number, without client or coordinator: knows who else holds what, replaces holders that are lost,
 * compares with others, reads for rot, and serves nothing that may have been erased while this node was away. This file only says
 * when each of that happens.
 */
export async function createRepair(options: RepairOptions): Promise<Repair> {
  const { shelf, self, coordinator, membership, clock, random, logger } = options;
  const work = createWork(logger);
  const review = coalesced(async () => reviewNow());
  const holdings = createHoldings(options, (job) => {
    dueTimes.changed(job);
    reviewSoon();
  });
  const letIn = createFloodGate(clock);
  /** Jobs that were tried, and when they may be again. */
  const resting = new Map<JobId, number>();
  const healingNow = new Set<JobId>();
  const lastStates = new Map<DeviceId, MemberState>();
  let judgesSince = clock.now();
  let lastBeat = clock.now();
  let scrubbingNow = false;
  let cancelReview = () => {};
  let cancelSoon: (() => void) | null = null;
  let cancelBeat = () => {};
  let cancelCompare = () => {};

  const sync = createSync({ ...options, holdings, ready: () => ready() });
  const healing = createHealing({ ...options, holdings, sync, judgesSince: () => judgesSince });
  const withdrawing = createWithdrawing({ ...options, holdings, healing });
  const dueTimes = createDueTimes({
    compute: (job) => (withdrawing.mustGo(job) ? clock.now() : healing.due(job)),
    sharedWith: holdings.sharedWith,
    clock
  });
  const scrubbing = createScrubbing({ ...options, holdings, sync });
  const reconciling = createReconciling({ ...options, holdings, sync, onReady: review });
  const reconcile = coalesced(() => work.run('reconciling', (signal) => reconciling.ask(signal)));
  const tellCoordinator = coalesced(() => work.run('telling the coordinator', tellAll));
  const ready = () => {
    noticeSleep();
    return reconciling.ready();
  };

  /** What happens to many at once, as when the network parts, is looked at once. Nothing is due so soon. */
  function reviewSoon(): void {
    cancelSoon ??= clock.after(gatherMs, () => {
      cancelSoon = null;
      review();
    });
  }

  /** One look at all jobs: what is due is begun, and the next look is set. */
  async function reviewNow(): Promise<void> {
    cancelReview();
    noticeSleep();
    await holdings.takeStock();
    if (work.signal.aborted || !reconciling.ready()) return;
    const now = clock.now();
    let next = now + beatMs * 360;
    for (const job of shelf.held.keys()) {
      if (healingNow.has(job)) continue;
      const at = Math.max(dueTimes.of(job), resting.get(job) ?? 0);
      if (at > now) next = Math.min(next, at);
      else if (healingNow.size < limits.healTransfers) heal(job);
    }
    const scrub = scrubbing.next();
    if (scrub && scrub.at > now) next = Math.min(next, scrub.at);
    else if (scrub && !scrubbingNow) scrubOne(scrub.job);
    for (const job of resting.keys()) if (!shelf.held.has(job)) resting.delete(job);
    cancelReview = clock.after(Math.max(next - now, 1), review);
  }

  function heal(job: JobId): void {
    healingNow.add(job);
    work
      .run('healing', (signal) =>
        withdrawing.mustGo(job) ? withdrawing.withdraw(job, signal) : healing.heal(job, signal)
      )
      .then(() => {
        healingNow.delete(job);
        resting.set(job, clock.now() + limits.healAgainSeconds * 1000);
        review();
      });
  }

  function scrubOne(job: JobId): void {
    scrubbingNow = true;
    work
      .run('scrubbing', (signal) => scrubbing.scrub(job, signal))
      .then(() => {
        scrubbingNow = false;
        review();
      });
  }

  /** Timers that come much too late say that the machine slept: then it knows nothing of the time between, and judges nobody by it. */
  function noticeSleep(): void {
    const slept = clock.now() - lastBeat > 3 * beatMs;
    lastBeat = clock.now();
    if (!slept) return;
    judgesSince = clock.now();
    dueTimes.allChanged();
    reconciling.begin();
    reconcile();
  }
  function beat(): void {
    noticeSleep();
    cancelBeat = clock.after(beatMs, beat);
  }

  const compared = new Map<DeviceId, number>();
  const compareWith = (node: DeviceId) => {
    compared.set(node, clock.now());
    return work.run('comparing', (signal) => sync.compare(node, signal));
  };
  /** Now and then with one of those that hold something of this node's: whose turn is longest ago, so that all come in bounded time. */
  function compareLater(): void {
    cancelCompare = clock.after(limits.syncSeconds * 1000 * (0.5 + random()), () => {
      const awake = membership
        .members()
        .filter(({ id, state }) => state === 'alive' && holdings.sharedWith(id).length > 0);
      const longestAgo = Math.min(...awake.map(({ id }) => compared.get(id) ?? 0));
      const due = awake.filter(({ id }) => (compared.get(id) ?? 0) === longestAgo);
      const one = due[Math.floor(random() * due.length)];
      if (one) compareWith(one.id);
      if (!reconciling.ready()) reconcile();
      tellCoordinator();
      compareLater();
    });
  }

  async function tellAll(signal: AbortSignal): Promise<void> {
    for (const job of shelf.held.keys()) {
      if (holdings.upkeep(job).told || !coordinator.connected()) continue;
      try {
        await coordinator.tell(job, await shelf.receipt(job), signal);
        await holdings.change(job, { told: true });
      } catch (error) {
        signal.throwIfAborted();
        logger.debug({ job, error }, 'the coordinator does not take a holding receipt yet');
      }
    }
  }

  const offMembership = membership.onChange(({ id, state }) => {
    const before = lastStates.get(id);
    lastStates.set(id, state);
    if (state === before) return;
    dueTimes.moved(id);
    if (state === 'alive' && before !== 'suspect') {
      resting.clear();
      clock.after(random() * 5_000, () => compareWith(id));
      if (!reconciling.ready()) reconcile();
    }
    reviewSoon();
  });
  const offCoordinator = coordinator.onChange(() => {
    dueTimes.allChanged();
    review(); // what may lie where may have changed
    if (!coordinator.connected()) return;
    reconcile();
    tellCoordinator();
  });

  await holdings.takeStock();
  reconciling.begin();
  reconcile();
  tellCoordinator();
  review();
  beat();
  compareLater();

  return {
    ready,
    serves(job) {
      noticeSleep();
      return reconciling.serves(job);
    },
    async receive(from, message) {
      letIn(from);
      const said = Envelope.safeParse(message).data;
      if (said && (said.v > repairVersion || !known.includes(said.type)))
        return { v: repairVersion, type: 'unsupported' };
      const parsed = RepairMessage.safeParse(message);
      if (!parsed.success)
        throw new LetterlockError('input-invalid', parsed.error.issues[0]?.path.join('.') || 'message');
      return sync.answer(from, parsed.data);
    },
    committed(job, byNode) {
      work.run('noting a replica', async () => {
        await holdings.takeStock();
        const own = await shelf.receipt(job);
        const theirs = holdings.upkeep(job).receipts.filter(({ signer }) => signer !== self);
        await holdings.change(job, { receipts: [own, ...theirs], told: false });
        // Whoever printed it tells the coordinator itself, but not of a replica whose receipt was lost: that follows later.
        if (byNode) tellCoordinator();
      });
    },
    async learn(job, receipts) {
      await holdings.takeStock();
      await holdings.merge(job, receipts);
    },
    erasing(job, order) {
      const holders = holdings.holders(job).filter((node) => node !== self);
      const isAlive = (node: DeviceId) => membership.member(node)?.state === 'alive';
      if (holders.every(isAlive)) return; // the coordinator tells them, or they ask when they return
      const statement = { job, held: false, receipts: [], order };
      const hearers = new Set(
        [...holders, ...witnessesOf(job, options)].filter((node) => node !== self && isAlive(node))
      );
      for (const node of hearers) {
        work.run('passing an order on', (signal) =>
          options.peers.ask(node, { v: repairVersion, type: 'jobs', jobs: [statement] }, signal)
        );
      }
    },
    holders: holdings.holders,
    async close() {
      offMembership();
      offCoordinator();
      cancelReview();
      cancelSoon?.();
      cancelBeat();
      cancelCompare();
      reconciling.close();
      await work.close();
    }
  };
}

const beatMs = 10_000;
const gatherMs = 1000;
const Envelope = z.object({ v: z.int(), type: z.string() });
const known: readonly string[] = RepairMessage.options.map(({ shape }) => shape.type.value);
