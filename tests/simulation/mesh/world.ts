import { limits } from '../../../src-main/base/limits.ts';
import type { Signed } from '../../../src-main/identity/signed-statement.ts';
import type { HeldReplica } from '../../../src-main/mesh/repair/port.ts';
import { simulatedId } from '../../../src-main/mesh/testing/members.ts';
import { createNetwork, seeded } from '../../../src-main/mesh/testing/network.ts';
import type { DirectoryDevice } from '../../../src-main/protocol/directory.ts';
import { offlineFence } from '../../../src-main/protocol/offline.ts';
import { rankNodes } from '../../../src-main/protocol/placement.ts';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import { GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import { createSimulatedCoordinator } from './coordinator.ts';
import { createMachine, type Process } from './machine.ts';
import { blobSize, emptyDisk, type NodeWorld, type SimulatedNode, startNode, type ToNode } from './node.ts';
import { createOracle, type Oracle } from './oracle.ts';
import type { Granted } from './statements.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly jobs: number;
  readonly replicas: number;
  /** Milliseconds in which faults happen, jobs come and are printed. */
  readonly troubled: number;
  /** The real membership, which costs a hundred times as much as a stand-in. */
  readonly realMembership: boolean;
  /** Stations release without the coordinator, too. */
  readonly offline: boolean;
  /** Replicas rot: then it takes a day more until all are found. */
  readonly rot: boolean;
}

export interface WorldResult {
  readonly options: WorldOptions;
  readonly violations: readonly string[];
  readonly counts: Oracle['counts'];
  /** Milliseconds from the last fault until all was as it should be; null: not within the bound. */
  readonly converged: number | null;
  readonly messages: number;
}

interface Station extends Pick<Process, 'ask'> {
  readonly id: DeviceId;
  fence: number;
}

/** A world that follows from its seed alone. */
export const smallWorld = (seed: number, realMembership = false): WorldOptions => {
  const random = seeded(seed);
  const nodes = 5 + Math.floor(random() ** 3 * 26);
  return {
    ...{ seed, nodes, jobs: 50, realMembership, rot: !realMembership && seed % 32 === 0 },
    replicas: 1 + Math.floor(random() * 3.5),
    troubled: 60_000 * (2 + random() * 10),
    offline: random() < 0.5
  };
};

/** Each in turn, at most 90 s apart. */
const comparedAfter = (nodes: number): number => 1500 * limits.syncSeconds * (nodes - 1);

/**
 * How long after the last fault everything must be well: everybody was compared with everybody who shares a job (each in turn, at most
 * 90 s apart), then the grace of those that do not return, the turns of the healers, and two tries.
 */
export const convergenceBound = ({ nodes, replicas, rot }: Pick<WorldOptions, 'nodes' | 'replicas' | 'rot'>): number =>
  comparedAfter(nodes) +
  1000 *
    ((replicas > 2 ? limits.healSeconds : limits.healLastSeconds) +
      limits.healTurnSeconds * limits.holdersPerJob +
      2 * limits.healAgainSeconds +
      60 +
      (rot ? limits.scrubSeconds + limits.distrustSeconds : 0));

/** Runs a world through its troubles, lets them end, and says what went wrong. */
export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  const { seed, jobs, replicas, troubled, realMembership } = options;
  const network = createNetwork(seed);
  const { random } = network;
  const clock = network.clock();
  const oracle = createOracle(network.now);
  const ids = Array.from({ length: options.nodes }, (_, index) => simulatedId(index + 1));
  const nodes = new Map<DeviceId, SimulatedNode>();
  const coordinatorId = simulatedId(0);
  const clientId = simulatedId(0xffff);
  const voters = new Map<JobId, readonly DeviceId[]>();
  let sides = new Map<DeviceId, number>();
  let isTroubled = true;

  const reaches = (from: DeviceId, to: DeviceId): boolean =>
    (nodes.get(to)?.machine.isUp() ?? true) && (sides.get(from) ?? 0) === (sides.get(to) ?? 0);
  const coordinator = createSimulatedCoordinator({
    ...{ id: coordinatorId, network, oracle },
    reaches: (node) => reaches(coordinatorId, node)
  });
  const device = (id: DeviceId): DirectoryDevice => ({
    ...{ id, name: id, roles: ['node'], status: 'approved', url: 'https://node', owner: null, ownerName: null },
    ...{ signing: '', sealing: '' }
  });
  const devices = new Map(ids.map((id) => [id, device(id)]));
  const directory = [...devices.values()];
  const world: NodeWorld = {
    ...{ oracle, random, ids, realMembership, reaches },
    coordinator: coordinatorId,
    policy: {
      replicas,
      offlineGrants: options.offline,
      site: 'main',
      nodes: () => directory,
      mayHold: () => true,
      device: (id) => devices.get(id)
    },
    votersOf: (job) => voters.get(job) ?? [],
    linked: (node) => coordinator.up() && reaches(node, coordinatorId)
  };

  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const between = (least: number, most: number): number => least + random() * (most - least);
  const later = (ms: number, run: () => void): void => void clock.after(ms, run);

  /** Connections notice what happened to the network, each in its own time. */
  const connectionsChanged = (): void => {
    for (const [id, { running }] of nodes) {
      running?.detector?.look();
      later(between(100, 3000), () => {
        nodes.get(id)?.running?.linkChanged();
        if (world.linked(id)) coordinator.connected(id);
      });
    }
  };
  const boot = (node: SimulatedNode): void => {
    startNode(node, world).then(connectionsChanged, (error: unknown) => oracle.fail(`a node does not start: ${error}`));
  };

  /* What people do. */

  const hex = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const stations = [0xfff1, 0xfff2].map((index): Station => {
    const id = simulatedId(index);
    const { ask } = createMachine(network, id, 0).boot(() => new Promise(() => {}));
    return { id, ask, fence: 0 };
  });
  const client = createMachine(network, clientId, 0).boot(() => new Promise(() => {}));
  const insist = async (message: unknown): Promise<void> => {
    for (;;) {
      try {
        await client.ask(coordinatorId, message);
        return;
      } catch {
        await new Promise<void>((resolve) => later(between(2000, 20_000), resolve));
      }
    }
  };
  async function submit(): Promise<void> {
    const job = JobId.parse(`${hex()}-0000-4000-8000-0000${hex()}`);
    const expires = network.now() + 7 * 86_400_000;
    const held: HeldReplica = {
      device: clientId,
      site: 'main',
      expires,
      sha256: `${hex()}${'A'.repeat(35)}`,
      blobSize,
      committed: 0
    };
    for (;;) {
      const candidates = ids.map((id) => ({
        id,
        roles: ['node'] as const,
        awake: reaches(clientId, id),
        condition: null
      }));
      const rule = { copies: replicas, origin: clientId, bytes: blobSize, offlineGrants: false };
      const { ranked } = rankNodes(job, candidates, rule);
      const chosen = ranked.filter((one) => one.chosen);
      // As jobs/voters.ts: those that get it, and the next ones up to an odd number.
      const best = new Set([...chosen, ...ranked].map(({ id }) => id));
      if (options.offline) voters.set(job, [...best].slice(0, replicas + 1 - (replicas % 2)));
      const message: ToNode = { type: 'put', job, held, rotten: false, byNode: false };
      const stored = await Promise.allSettled(chosen.map(({ id }) => client.ask(id, message)));
      const receipts = stored.flatMap((each) => (each.status === 'fulfilled' ? [each.value as Signed] : []));
      if (receipts.length > 0) {
        oracle.accepted(job);
        for (const { signer } of receipts)
          client.ask(signer, { type: 'learn', job, receipts } satisfies ToNode).catch(() => {});
        await insist({ type: 'register', job, receipts });
        return fetchLater(job);
      }
      await new Promise<void>((resolve) => later(between(1000, 10_000), resolve));
    }
  }
  /** Most are fetched some time, a few are canceled, the others wait. */
  function fetchLater(job: JobId): void {
    const fate = random();
    if (fate < 0.15) later(between(0, troubled), () => coordinator.cancel(job));
    // Now and then two at two printers.
    else if (fate < 0.7)
      for (let people = 0; people < (fate < 0.4 ? 2 : 1); people += 1)
        later(between(0, troubled), () => fetch(job, 12));
  }
  function fetch(job: JobId, tries: number): void {
    if (tries === 0) return;
    later(between(5000, 40_000), () => fetch(job, tries - 1));
    const station = pick(stations);
    if (!station) return;
    const [node, claim] = world.linked(station.id) ? granted(job, station) : grantedOffline(job, station);
    if (!node || !claim) return;
    station.ask(node, { type: 'release', claim } satisfies ToNode).catch(() => {});
    // The same words may come twice: an impatient station, a network that repeats.
    if (random() < 0.2) station.ask(node, { type: 'release', claim } satisfies ToNode).catch(() => {});
  }
  function granted(job: JobId, { id }: Station): [DeviceId?, (Granted | null)?] {
    const node = pick(coordinator.holders(job).filter((holder) => world.linked(holder) && reaches(id, holder)));
    return node ? [node, coordinator.claim(job, coordinator.state(job) === 'uncertain' && random() < 0.5)] : [];
  }
  /** A station that goes by what it sees, and remembers nothing of what it granted before. */
  function grantedOffline(job: JobId, station: Station): [DeviceId?, Granted?] {
    if (!options.offline) return [];
    const node = pick(ids.filter((id) => reaches(station.id, id) && nodes.get(id)?.disk.held.has(job)));
    if (!node) return [];
    station.fence = offlineFence(network.now(), station.fence);
    const grant = GrantId.parse(`${hex()}-0000-4000-8000-0000${hex()}`);
    return [node, { grant, job, fence: station.fence, station: station.id }];
  }

  /* What goes wrong. */

  const gone = new Set<DeviceId>();
  const running = (): SimulatedNode[] => [...nodes.values()].filter(({ machine }) => machine.isUp());
  function crash(node: SimulatedNode): void {
    oracle.count('crashes');
    node.machine.crash();
    node.running?.membership?.close();
    node.running?.repair.close();
    node.running?.leaving.close();
    node.running = null;
    connectionsChanged();
  }
  /** Its replicas. What it used and said lies beside its keys, without which it is another node. */
  function loseDisk(node: SimulatedNode): void {
    for (const job of node.disk.held.keys()) oracle.gone(job, node.machine.id, 'fault');
    node.disk = { ...emptyDisk(), grants: node.disk.grants, votes: node.disk.votes };
  }
  const back = (node: SimulatedNode): void => {
    if (!node.machine.isUp() && !gone.has(node.machine.id)) boot(node);
  };
  /** Hands over, and goes; nothing happens after it was ended in the middle. */
  async function goodbye(node: SimulatedNode, why: 'stop' | 'told', seconds: number, then: () => void): Promise<void> {
    const { running: process, disk } = node;
    const before = [...disk.held.keys()];
    const { made, left } = (await process?.leaving.leave(why, seconds)) ?? { made: 0, left: before };
    if (node.running !== process) return;
    for (let copy = 0; copy < made; copy += 1) oracle.count('handedOver');
    for (const job of before)
      if (disk.held.has(job) && !disk.rotten.has(job) && !left.includes(job)) oracle.handedOver(job, node.machine.id);
    crash(node);
    then();
  }
  const faults: Record<string, () => void> = {
    crash() {
      const node = pick(running());
      if (!node) return;
      crash(node);
      const isForGood = random() < 0.1 && gone.size < options.nodes - 4;
      if (isForGood) gone.add(node.machine.id);
      if (isForGood || random() < 0.2) loseDisk(node);
      if (!isForGood) later(between(100, 300_000), () => back(node));
    },
    leave() {
      const node = pick(running().filter(({ running }) => running && !running.leaving.isLeaving()));
      if (node)
        void goodbye(node, 'stop', limits.stopLeaveSeconds, () => later(between(100, 300_000), () => back(node)));
    },
    sleep() {
      const node = pick(running());
      if (!node) return;
      node.machine.sleep();
      connectionsChanged();
      later(between(1000, 600_000), () => {
        node.machine.wake();
        connectionsChanged();
      });
    },
    partition() {
      sides = new Map(
        [...ids, coordinatorId, clientId, ...stations.map(({ id }) => id)].map((id) => [id, random() < 0.6 ? 0 : 1])
      );
      const groups = [0, 1].map((side) => [...sides].flatMap(([id, its]) => (its === side ? [id] : [])));
      network.partition(...groups);
      connectionsChanged();
      later(between(5000, 240_000), together);
    },
    coordinator() {
      coordinator.crash();
      connectionsChanged();
      later(between(1000, 200_000), coordinatorBack);
    },
    loss() {
      Object.assign(network.faults, {
        loss: random() * 0.3,
        duplication: random() * 0.2,
        delay: [0.2, between(2, 500)]
      });
      later(between(5000, 120_000), calm);
    },
    rot() {
      const node = pick(running().filter(({ disk }) => disk.held.size > 0));
      const job = node && pick([...node.disk.held.keys()]);
      if (!node || !job) return;
      node.disk.rotten.add(job);
      oracle.rotted(job, node.machine.id);
    }
  };
  const together = (): void => {
    sides = new Map();
    network.heal();
    connectionsChanged();
  };
  const coordinatorBack = (): void => {
    if (coordinator.up()) return;
    coordinator.start();
    connectionsChanged();
  };
  const calm = (): void => void Object.assign(network.faults, { loss: 0, duplication: 0, delay: [0.2, 2] });
  const trouble = (): void => {
    if (!isTroubled) return;
    faults[pick(kinds) ?? 'crash']?.();
    later(between(2000, 60_000), trouble);
  };
  const kinds = Object.keys(faults).filter((kind) => kind !== 'rot' || options.rot);

  for (const id of ids) {
    const node: SimulatedNode = {
      machine: createMachine(network, id, between(-60_000, 60_000)),
      disk: emptyDisk(),
      running: null
    };
    nodes.set(id, node);
    boot(node);
  }
  for (let count = 0; count < jobs; count += 1) later(random() * troubled, () => void submit());
  later(between(0, 30_000), trouble);
  await network.run(troubled);

  isTroubled = false;
  calm();
  together();
  coordinatorBack();
  for (const node of nodes.values()) {
    node.machine.wake();
    if (!node.machine.isUp() && !gone.has(node.machine.id)) boot(node);
  }
  connectionsChanged();

  const last = network.now();
  const bound = convergenceBound(options);
  let unwell = ['not looked at'];
  while (unwell.length > 0 && network.now() - last < bound) {
    await network.run(options.rot ? 600_000 : 10_000);
    unwell = complaints();
  }
  const converged = unwell.length === 0 ? network.now() - last : null;
  for (const complaint of unwell) oracle.fail(complaint);
  // Not where replicas rot: holders may not know yet what they do not have. In one world of four, for it takes its time.
  if (converged !== null && !options.rot && seed % 4 === 1) await oneLeaves();
  for (const node of nodes.values()) crash(node);
  return {
    options,
    violations: oracle.violations,
    counts: oracle.counts,
    converged,
    messages: network.traffic.messages
  };

  /** When all is well, a node that is told to go leaves behind what is wanted. */
  async function oneLeaves(): Promise<void> {
    const up = running();
    const node = pick(up);
    if (!node || up.length < 2) return;
    // Until everybody has compared with everybody: nobody takes for a holder who has lost its replica.
    await network.run(comparedAfter(options.nodes));
    const jobs = oracle.alive().filter((job) => oracle.holders(job).has(node.machine.id));
    let isGone = false;
    void goodbye(node, 'told', 600, () => {
      isGone = true;
    });
    for (let waited = 0; !isGone && waited < 700; waited += 10) await network.run(10_000);
    if (!isGone) return oracle.fail('a node that was told to go does not come to an end');
    const wanted = Math.min(replicas, up.length - 1);
    for (const job of jobs.filter((one) => !oracle.isEnded(one))) {
      const left = [...oracle.holders(job)].filter((id) => nodes.get(id)?.machine.isUp()).length;
      if (left < wanted) oracle.fail(`${job.slice(-4)} has ${left} replicas, not ${wanted}, after a node has left`);
    }
  }

  /** What is not as it should be once no fault was for long. */
  function complaints(): string[] {
    const up = running();
    const wanted = Math.min(replicas, up.length);
    const short = (id: string) => id.slice(-4);
    const few = oracle.alive().flatMap((job) => {
      const whole = [...oracle.holders(job)].filter((id) => nodes.get(id)?.machine.isUp()).length;
      return whole >= wanted ? [] : [`${short(job)} has ${whole} replicas, not ${wanted}`];
    });
    const undead = up.flatMap(({ disk, machine }) =>
      [...disk.held.keys()].flatMap((job) =>
        oracle.isEnded(job) ? [`${short(machine.id)} holds ${short(job)}, which has ended`] : []
      )
    );
    const unready = up.flatMap(({ machine, running }) =>
      running?.repair.ready() ? [] : [`${short(machine.id)} is not ready`]
    );
    const strangers = up.flatMap(({ machine, running }) =>
      ids.flatMap((other) => {
        if (other === machine.id) return [];
        const state = (running?.membership ?? running?.detector)?.member(other)?.state;
        const isThere = state === 'alive';
        return isThere === reaches(machine.id, other)
          ? []
          : [`${short(machine.id)} takes ${short(other)} for ${state}`];
      })
    );
    return [...few, ...undead, ...unready, ...strangers];
  }
}
