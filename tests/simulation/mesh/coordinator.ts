import { LetterlockError } from '../../../src-main/base/errors.ts';
import {
  type AttemptState,
  advance,
  type JobProgress,
  type JobStep,
  stateOf
} from '../../../src-main/coordinator/job-state.ts';
import { cameToNothing } from '../../../src-main/coordinator/offline/settling.ts';
import type { Signed } from '../../../src-main/identity/signed-statement.ts';
import type { SimulatedNetwork } from '../../../src-main/mesh/testing/network.ts';
import { type DeviceId, GrantId, type JobId } from '../../../src-preload/contract/ids.ts';
import { createMachine } from './machine.ts';
import type { Oracle } from './oracle.ts';
import { type Granted, openReceipt, signOrder } from './statements.ts';

/**
 * The coordinator of a simulated mesh: its database and its state machine of a job (the real one), its orders to erase, and nothing else. It
 * tells a node what is outstanding when that connects, and says it again until it is confirmed, as its event stream does over TCP.
 */
export interface SimulatedCoordinator {
  readonly id: DeviceId;
  up(): boolean;
  start(): void;
  crash(): void;
  /** A node has a connection again. */
  connected(node: DeviceId): void;
  /** A person at a station wants a job printed by this node. Null: it is not to be had now. */
  claim(job: JobId, acceptSecondCopy: boolean): Claim | null;
  cancel(job: JobId): void;
  state(job: JobId): string | undefined;
  holders(job: JobId): readonly DeviceId[];
}
export type Claim = Granted;

export type ToCoordinator =
  | { readonly type: 'register' | 'holder'; readonly job: JobId; readonly receipts: readonly Signed[] }
  | { readonly type: 'outstanding' }
  | { readonly type: 'erased'; readonly job: JobId }
  | { readonly type: 'start' | 'record'; readonly claim: Claim }
  | { readonly type: 'claims'; readonly claims: readonly { readonly job: JobId; readonly grant: GrantId }[] }
  | { readonly type: 'outcome'; readonly claim: Claim; readonly result: 'completed' | 'failed' | 'uncertain' };

interface Job {
  progress: JobProgress;
  order: Signed | null;
  /** Those that have not confirmed that it is erased. */
  readonly holders: Set<DeviceId>;
}

const claimMs = 30_000;
const silentMs = 120_000;
const againMs = 20_000;

export function createSimulatedCoordinator(options: {
  readonly id: DeviceId;
  readonly network: SimulatedNetwork;
  readonly oracle: Oracle;
  /** Whether a node has a connection to it. */
  readonly reaches: (node: DeviceId) => boolean;
}): SimulatedCoordinator {
  const { id, network, oracle, reaches } = options;
  const jobs = new Map<JobId, Job>();
  /** Ended jobs that each node has not yet confirmed to be erased. */
  const owing = new Map<DeviceId, Set<JobId>>();
  /** Fences of the grants that were given here, or told of. */
  const fences = new Map<GrantId, number>();
  const machine = createMachine(network, id, 0);
  let process = machine.boot(receive);
  let orders: Promise<unknown> = Promise.resolve();

  const jobOf = (job: JobId): Job => {
    const known = jobs.get(job);
    if (!known) throw new LetterlockError('not-found', 'job');
    return known;
  };
  /** Its database survives whatever happens; what follows from a change may not. */
  function take(id: JobId, step: JobStep): void {
    const job = jobOf(id);
    const before = stateOf(job.progress);
    const next = advance(job.progress, step);
    if (typeof next === 'string') throw new LetterlockError(next);
    job.progress = next;
    const after = stateOf(next);
    if (!final.has(after) || final.has(before)) return;
    oracle.ended(id);
    orders = orders.then(async () => {
      job.order = await signOrder(id, options.id, after as 'completed', network.now());
      for (const node of job.holders) owe(node, id);
    });
  }
  const owe = (node: DeviceId, id: JobId): void => {
    const its = owing.get(node) ?? new Set();
    owing.set(node, its.add(id));
    order(node, id);
  };
  /** Said again, for as long as there is a connection. */
  function order(node: DeviceId, id: JobId): void {
    const job = jobs.get(id);
    if (!job?.order || !job.holders.has(node) || !machine.isUp() || !reaches(node)) return;
    process.send(node, { type: 'erase', order: job.order }).catch(() => {});
    process.clock.after(againMs, () => order(node, id));
  }
  const hold = (id: JobId, receipts: readonly Signed[]): void => {
    for (const receipt of receipts) {
      const { node } = openReceipt(receipt);
      const job = jobOf(id);
      if (job.holders.has(node)) continue;
      job.holders.add(node);
      if (job.order) owe(node, id);
    }
  };
  const attempt = (job: JobId, fence: number): AttemptState | undefined =>
    jobs.get(job)?.progress.attempts.find((one) => one.fence === fence)?.state;
  const later = (ms: number, claim: Claim, was: AttemptState, step: 'lapse' | 'uncertain'): void =>
    void network.clock().after(ms, () => {
      if (!machine.isUp()) return later(againMs, claim, was, step);
      if (attempt(claim.job, claim.fence) === was) take(claim.job, { do: step, fence: claim.fence });
    });

  async function receive(from: DeviceId, message: unknown): Promise<unknown> {
    const said = message as ToCoordinator;
    switch (said.type) {
      case 'register':
        if (!jobs.has(said.job))
          jobs.set(said.job, { progress: { closed: null, attempts: [] }, order: null, holders: new Set() });
        hold(said.job, said.receipts);
        return {};
      case 'holder':
        hold(said.job, said.receipts);
        return {};
      case 'outstanding':
        return [...(owing.get(from) ?? [])].flatMap((job) => jobs.get(job)?.order ?? []);
      case 'erased':
        jobs.get(said.job)?.holders.delete(from);
        owing.get(from)?.delete(said.job);
        return {};
      case 'start':
        take(said.claim.job, { do: 'start', fence: said.claim.fence });
        later(silentMs, said.claim, 'started', 'uncertain');
        return {};
      case 'record': {
        const { job: id, grant, fence } = said.claim;
        const job = jobOf(id);
        if (fences.has(grant)) return {};
        fences.set(grant, fence);
        const { closed, attempts } = job.progress;
        job.progress = { closed, attempts: [...attempts, { fence, state: 'claimed' }] };
        take(id, { do: 'offline', fence });
        later(silentMs, said.claim, 'started', 'uncertain');
        return {};
      }
      case 'claims':
        return said.claims.flatMap(({ job, grant }) => {
          const fence = fences.get(grant);
          return fence !== undefined && cameToNothing(attempt(job, fence)) ? [grant] : [];
        });
      case 'outcome':
        try {
          take(said.claim.job, { do: said.result, fence: said.claim.fence });
        } catch (error) {
          if (!(error instanceof LetterlockError)) throw error; // a refusal is an answer too
        }
        return {};
    }
  }

  return {
    id,
    up: machine.isUp,
    start() {
      process = machine.boot(receive);
    },
    crash: machine.crash,
    connected(node) {
      for (const job of owing.get(node) ?? []) order(node, job);
    },
    claim(job, acceptSecondCopy) {
      if (!machine.isUp() || !jobs.has(job)) return null;
      try {
        take(job, { do: 'claim', acceptSecondCopy });
      } catch {
        return null;
      }
      const fence = jobOf(job).progress.attempts.at(-1)?.fence ?? 0;
      if (acceptSecondCopy) oracle.secondCopyAccepted(job);
      const claim: Claim = {
        grant: GrantId.parse(`${job.slice(0, 24)}${fence.toString(16).padStart(12, '0')}`),
        job,
        fence,
        station: null
      };
      fences.set(claim.grant, fence);
      later(claimMs, claim, 'claimed', 'lapse');
      return claim;
    },
    cancel(job) {
      if (machine.isUp() && jobs.has(job)) {
        try {
          take(job, { do: 'cancel' });
        } catch {
          oracle.count('refused');
        }
      }
    },
    state: (job) => {
      const known = jobs.get(job);
      return known && stateOf(known.progress);
    },
    holders: (job) => [...(jobs.get(job)?.holders ?? [])]
  };
}

const final: ReadonlySet<string> = new Set(['completed', 'canceled', 'expired']);
