import { createHash } from 'node:crypto';
import { isoTime } from '../../../src-main/base/clock.ts';
import { LetterlockError } from '../../../src-main/base/errors.ts';
import { limits } from '../../../src-main/base/limits.ts';
import { silentLogger } from '../../../src-main/base/logger.ts';
import type { Signed } from '../../../src-main/identity/signed-statement.ts';
import { type Claims, createClaims } from '../../../src-main/mesh/claims/claiming.ts';
import { type Leaving, startLeaving } from '../../../src-main/mesh/leaving/leaving.ts';
import { openMembership } from '../../../src-main/mesh/membership/membership.ts';
import type { Membership } from '../../../src-main/mesh/membership/port.ts';
import type { HeldReplica, Policy, Repair, Shelf } from '../../../src-main/mesh/repair/port.ts';
import { createRepair } from '../../../src-main/mesh/repair/repair.ts';
import { simulatedStatements } from '../../../src-main/mesh/testing/members.ts';
import type { ClaimMessage, ClaimReply, Claim as Vote } from '../../../src-main/protocol/offline.ts';
import { RepairReply, type Upkeep } from '../../../src-main/protocol/repair.ts';
import type { DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Claim, ToCoordinator } from './coordinator.ts';
import { createDetector, type Detector } from './detector.ts';
import type { Machine, Process } from './machine.ts';
import type { Oracle } from './oracle.ts';
import { openGrant, openOrder, openReceipt, signGrant, signReceipt } from './statements.ts';

/** What a node keeps when its process ends. */
export interface Disk {
  readonly held: Map<JobId, HeldReplica>;
  readonly rotten: Set<JobId>;
  readonly upkeep: Map<JobId, Upkeep>;
  /** Tombstones with their orders. */
  readonly orders: Map<JobId, Signed>;
  /** Orders for jobs that were here, and not yet confirmed. */
  readonly unconfirmed: Set<JobId>;
  /** To which release of each job this node has said yes. */
  readonly votes: Map<JobId, Vote>;
  /** Grants that were used, until the coordinator has heard what came of them. */
  readonly grants: Map<string, { readonly claim: Claim; stage: 'accepted' | 'sending' | 'printed' | 'reported' }>;
}

export const emptyDisk = (): Disk => ({
  ...{ held: new Map(), rotten: new Set(), upkeep: new Map() },
  ...{ orders: new Map(), unconfirmed: new Set(), votes: new Map(), grants: new Map() }
});

export interface SimulatedNode {
  readonly machine: Machine;
  disk: Disk;
  /** Null while it is off. */
  running: Running | null;
}
export interface Running {
  readonly repair: Repair;
  /** Null: the detector stands in. */
  readonly membership: Membership | null;
  readonly detector: Detector | null;
  readonly claims: Claims;
  readonly leaving: Leaving;
  readonly linkChanged: () => void;
}

export interface NodeWorld {
  readonly oracle: Oracle;
  readonly random: () => number;
  readonly coordinator: DeviceId;
  readonly ids: readonly DeviceId[];
  readonly policy: Policy;
  readonly realMembership: boolean;
  /** As its manifest says; empty: only the coordinator lets it be released. */
  votersOf(job: JobId): readonly DeviceId[];
  /** Whether a message could go from one to the other now. */
  reaches(from: DeviceId, to: DeviceId): boolean;
  linked(node: DeviceId): boolean;
}

export type ToNode =
  | { readonly type: 'gossip' | 'sync'; readonly body: unknown }
  | {
      readonly type: 'put';
      readonly job: JobId;
      readonly held: HeldReplica;
      readonly rotten: boolean;
      readonly byNode: boolean;
    }
  | { readonly type: 'info'; readonly job: JobId }
  | { readonly type: 'claims'; readonly body: ClaimMessage }
  | { readonly type: 'learn'; readonly job: JobId; readonly receipts: readonly Signed[] }
  | { readonly type: 'erase'; readonly order: Signed }
  | { readonly type: 'release'; readonly claim: Claim };

/** A node of the real membership and repair over a disk, a coordinator and a network in memory; delivery is the least that obeys the grants. */
export async function startNode(node: SimulatedNode, world: NodeWorld): Promise<void> {
  const { machine, disk } = node;
  const { oracle, random, policy } = world;
  const self = machine.id;
  let membership: Membership | null = null;
  let repair: Repair | null = null;
  let leaving: Leaving | null = null;
  const linkListeners = new Set<() => void>();
  const onLink = (listener: () => void) => {
    linkListeners.add(listener);
    return () => void linkListeners.delete(listener);
  };
  const process: Process = machine.boot(async (from, message) => answer(from, message as ToNode));
  const { clock } = process;
  const tell = (message: ToCoordinator) => process.ask(world.coordinator, message);

  function put(job: JobId, held: HeldReplica, rotten: boolean, byNode: boolean): Promise<Signed> {
    if (disk.orders.has(job)) throw new LetterlockError('conflict', 'erased');
    if (leaving?.isLeaving()) throw new LetterlockError('node-unreachable', 'leaves');
    if (rotten) throw new LetterlockError('digest-mismatch', 'blob');
    const mine = { ...held, committed: clock.now() };
    if (!disk.held.has(job)) {
      disk.held.set(job, mine);
      oracle.stored(job, self, disk.orders.has(job));
      if (byNode) oracle.count('copies');
      repair?.committed(job, byNode);
    }
    return signReceipt(job, self, mine, clock.now());
  }
  const remove = (job: JobId, why: 'order' | 'discarded'): void => {
    if (!disk.held.delete(job)) return;
    disk.upkeep.delete(job);
    disk.rotten.delete(job);
    oracle.gone(job, self, why);
  };
  async function obey(signed: Signed): Promise<void> {
    const { job } = openOrder(signed);
    if (signed.signer !== world.coordinator) throw new LetterlockError('not-allowed');
    const isNew = !disk.orders.has(job);
    disk.orders.set(job, signed);
    const wasHeld = disk.held.has(job);
    remove(job, 'order');
    if (wasHeld || !isNew) disk.unconfirmed.add(job);
    confirm();
  }
  let confirming = false;
  async function confirm(): Promise<void> {
    if (confirming) return;
    confirming = true;
    for (const job of disk.unconfirmed) {
      if (!world.linked(self)) break;
      try {
        await tell({ type: 'erased', job });
        disk.unconfirmed.delete(job);
      } catch {
        break;
      }
    }
    confirming = false;
    if (disk.unconfirmed.size > 0) clock.after(15_000, confirm);
  }

  const heldOf = (job: JobId): HeldReplica => {
    const held = disk.held.get(job);
    if (!held) throw new LetterlockError('not-found', 'job');
    return held;
  };
  const shelf: Shelf = {
    held: disk.held,
    readUpkeep: async (job) => disk.upkeep.get(job) ?? null,
    writeUpkeep: async (job, upkeep) => void (disk.held.has(job) && disk.upkeep.set(job, upkeep)),
    receipt: async (job) => signReceipt(job, self, heldOf(job), clock.now()),
    isWhole: async (job) => !disk.rotten.has(job),
    bytes: async (job, offset, length) =>
      contentOf(heldOf(job), disk.rotten.has(job)).subarray(offset, offset + length),
    discard: async (job) => remove(job, 'discarded'),
    withdraw: async (job) => remove(job, 'discarded'),
    order: (job) => disk.orders.get(job) ?? null,
    obey
  };

  /* Delivery, at its least: a grant is used up, the coordinator agrees, the printer gets it, the outcome is said until it is heard. */
  async function release(claim: Claim): Promise<void> {
    if (!repair?.ready()) throw new LetterlockError('node-reconciling');
    if ([...disk.grants.values()].some((used) => used.claim.job === claim.job && used.claim.fence >= claim.fence))
      throw new LetterlockError('grant-used');
    const used = { claim, stage: 'accepted' as 'accepted' | 'sending' | 'printed' | 'reported' };
    disk.grants.set(claim.grant, used);
    try {
      if (!disk.held.has(claim.job) || disk.rotten.has(claim.job)) throw new LetterlockError('not-found', 'job');
      await agreeToBegin(claim);
    } catch {
      await claims.giveUp({ job: claim.job, grant: claim.grant, voters: world.votersOf(claim.job) });
      return report(claim, 'failed');
    }
    used.stage = 'sending';
    await pause(random() * 3000);
    oracle.printed(claim.job);
    if (claim.station) oracle.count('offline');
    await pause(random() * 500);
    used.stage = 'printed';
    return report(claim, 'completed');
  }
  /** As delivery/agreement.ts: the voters first, then the coordinator; under a station's grant the voters alone. */
  async function agreeToBegin(claim: Claim): Promise<void> {
    const voters = world.votersOf(claim.job);
    const grant = signGrant(claim, self);
    if (voters.length > 0) await claims.take({ job: claim.job, bundle: { grant }, manifest: grant, voters }, never);
    else if (claim.station) throw new LetterlockError('offline-refused', 'this job has no voters');
    if (!claim.station) await tell({ type: 'start', claim });
  }
  async function report(claim: Claim, result: 'completed' | 'failed' | 'uncertain'): Promise<void> {
    try {
      if (claim.station) await tell({ type: 'record', claim });
      await tell({ type: 'outcome', claim, result });
      const used = disk.grants.get(claim.grant);
      if (used) used.stage = 'reported';
    } catch {
      await pause(5000 + random() * 10_000);
      return report(claim, result);
    }
  }
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  const claims = createClaims({
    self,
    book: {
      get: (job) => disk.votes.get(job),
      all: () => [...disk.votes.values()],
      add: async (vote) => void disk.votes.set(vote.job, vote),
      forget: async (job, grant) => void (disk.votes.get(job)?.grant === grant && disk.votes.delete(job)),
      close: async () => {}
    },
    // As mesh/claims/voting.ts `openClaim`, of statements that nobody forges.
    open({ grant: signed }, caller) {
      const { job, grant, node, fence, station } = openGrant(signed);
      if (node !== caller) throw new LetterlockError('grant-invalid', 'for another node');
      if (station && world.linked(self)) throw new LetterlockError('offline-refused', 'a node reaches the coordinator');
      if (!world.votersOf(job).includes(self)) throw new LetterlockError('not-allowed', 'no voter of this job');
      if (disk.orders.has(job)) throw new LetterlockError('conflict', 'erased');
      return { job, grant, node, fence, station, expires: isoTime(clock.now() + 7 * 86_400_000) };
    },
    send: async (voter, body) => (await process.ask(voter, { type: 'claims', body } satisfies ToNode)) as ClaimReply,
    isOver: ({ job }) => disk.orders.has(job),
    coordinator: {
      connected: () => world.linked(self),
      onChange: onLink,
      over: async (open) => (await tell({ type: 'claims', claims: open })) as GrantId[]
    },
    logger: silentLogger
  });

  async function answer(from: DeviceId, message: ToNode): Promise<unknown> {
    switch (message.type) {
      case 'gossip':
        if (!membership) throw new LetterlockError('node-unreachable');
        return membership.receive(from, message.body);
      case 'sync':
        if (!repair) throw new LetterlockError('node-unreachable');
        return repair.receive(from, message.body);
      case 'put':
        return put(message.job, message.held, message.rotten, message.byNode);
      case 'info':
        return disk.held.has(message.job);
      case 'claims':
        return claims.receive(from, message.body);
      case 'learn':
        return repair?.learn(message.job, message.receipts);
      case 'erase':
        if (!disk.orders.has(openOrder(message.order).job))
          repair?.erasing(openOrder(message.order).job, message.order);
        return obey(message.order);
      case 'release':
        release(message.claim).catch(() => oracle.count('refused'));
        return {};
    }
  }

  async function copyTo(job: JobId, to: DeviceId): Promise<Signed> {
    await pause(100 + random() * 2000);
    const message: ToNode = { type: 'put', job, held: heldOf(job), rotten: disk.rotten.has(job), byNode: true };
    return (await process.ask(to, message)) as Signed;
  }

  const others = world.ids.filter((id) => id !== self);
  const detector = world.realMembership
    ? null
    : createDetector({ process, others, reaches: (other) => world.reaches(self, other), random });
  membership = world.realMembership
    ? await openMembership({
        ...{ self, statements: simulatedStatements(self), clock, random, logger: silentLogger },
        approved: () => new Set(others),
        onApprovedChange: () => () => {},
        send: (to, body) => process.send(to, { type: 'gossip', body } satisfies ToNode)
      })
    : null;
  const observed = membership ?? detector;
  if (!observed || !process.isAlive()) return;
  repair = await createRepair({
    self,
    shelf,
    peers: {
      async ask(to, body, signal) {
        const reply = RepairReply.parse(await process.ask(to, { type: 'sync', body } satisfies ToNode));
        signal.throwIfAborted();
        if (body.type === 'jobs' && reply.type === 'jobs') {
          for (const { job, order } of reply.jobs) {
            if (order) clock.after(2000, () => oracle.met(job, self, disk.held.has(job)));
          }
        }
        return reply;
      },
      copy: copyTo
    },
    coordinator: {
      connected: () => world.linked(self),
      onChange: onLink,
      outstanding: async () => (await tell({ type: 'outstanding' })) as Signed[],
      tell: async (job, receipt) => void (await tell({ type: 'holder', job, receipts: [receipt] }))
    },
    membership: observed,
    policy: () => policy,
    openReceipt,
    ...{ clock, random, logger: silentLogger }
  });
  if (!process.isAlive()) return;
  const present = repair;
  leaving = startLeaving({
    ...{ self, clock, logger: silentLogger, domain: '', awakeShare: () => 1 },
    ...{ readPower: async () => ({ power: 'mains' as const }), freeBytes: async () => 2 ** 40 },
    held: () => new Map([...disk.held].map(([job, { blobSize }]) => [job, blobSize])),
    holders: present.holders,
    candidates: () =>
      others.map((id) => {
        const { state, condition = null } = observed.member(id) ?? {};
        return { id, roles: ['node'], awake: state === 'alive', condition };
      }),
    copies: () => Math.min(policy.replicas, others.length),
    offlineGrants: () => policy.offlineGrants,
    cloudNodes: () => true,
    // As mesh/leaving/node-leaving.ts and mesh/node.ts `reseal`.
    async copy(job, to) {
      const has = await process.ask(to, { type: 'info', job } satisfies ToNode).catch(() => false);
      if (has) return;
      if (!present.serves(job)) throw new LetterlockError('node-reconciling');
      if (present.holders(job).length >= limits.holdersPerJob) throw new LetterlockError('conflict', 'enough replicas');
      await present.learn(job, [await copyTo(job, to)]);
    },
    onCondition: (now) => membership?.setCondition(now)
  });
  node.running = {
    claims,
    leaving,
    repair,
    membership,
    detector,
    linkChanged() {
      for (const listener of linkListeners) listener();
      confirm();
    }
  };
  // What a restart interrupted. The printer remembers nothing here: then nobody knows.
  for (const { claim, stage } of disk.grants.values()) {
    if (stage === 'accepted') report(claim, 'failed');
    if (stage === 'sending') report(claim, 'uncertain');
    if (stage === 'printed') report(claim, 'completed');
  }
  confirm();
}

const never = new AbortController().signal;

export const blobSize = 64;
const contentOf = ({ sha256 }: HeldReplica, rotten: boolean): Buffer => {
  const content = createHash('sha512').update(sha256).digest();
  if (rotten) content.fill(0);
  return content;
};
