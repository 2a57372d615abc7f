import { limits } from '../../../src-main/base/limits.ts';
import { simulatedId } from '../../../src-main/mesh/testing/members.ts';
import { createNetwork, seeded } from '../../../src-main/mesh/testing/network.ts';
import type { DirectoryDevice } from '../../../src-main/protocol/directory.ts';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { createSimulatedCoordinator } from './coordinator.ts';
import { createFaults, type Faults } from './faults.ts';
import { createMachine } from './machine.ts';
import { emptyDisk, type SimulatedNode, startNode } from './node.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { createPeople } from './people.ts';
import type { Scene } from './scene.ts';

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

/** How far a world is: told every ten seconds of its time. */
export interface Progress {
  /** Simulated milliseconds since it began. */
  readonly at: number;
  readonly phase: 'trouble' | 'calm' | 'leaving';
  readonly counts: Oracle['counts'];
  readonly messages: number;
}

export interface WorldResult {
  readonly options: WorldOptions;
  readonly violations: readonly string[];
  readonly counts: Oracle['counts'];
  /** How many of each kind. */
  readonly faults: Faults['had'];
  /** Milliseconds from the last fault until all was as it should be; null: not within the bound. */
  readonly converged: number | null;
  /** Milliseconds from the begin to the end. */
  readonly simulated: number;
  readonly messages: number;
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
export async function runWorld(
  options: WorldOptions,
  onProgress: (progress: Progress) => void = () => {}
): Promise<WorldResult> {
  const { seed, jobs, replicas, troubled, realMembership } = options;
  const network = createNetwork(seed);
  const began = network.now();
  const { random } = network;
  const clock = network.clock();
  const oracle = createOracle(network.now);
  const ids = Array.from({ length: options.nodes }, (_, index) => simulatedId(index + 1));
  const nodes = new Map<DeviceId, SimulatedNode>();
  const coordinatorId = simulatedId(0);
  const voters = new Map<JobId, readonly DeviceId[]>();
  const reaches = (from: DeviceId, to: DeviceId): boolean =>
    (nodes.get(to)?.machine.isUp() ?? true) && (scene.sides.get(from) ?? 0) === (scene.sides.get(to) ?? 0);
  const brain = createSimulatedCoordinator({
    ...{ id: coordinatorId, network, oracle },
    reaches: (node) => reaches(coordinatorId, node)
  });
  const device = (id: DeviceId): DirectoryDevice => ({
    ...{ id, name: id, roles: ['node'], status: 'approved', url: 'https://node', owner: null, ownerName: null },
    ...{ signing: '', sealing: '' }
  });
  const devices = new Map(ids.map((id) => [id, device(id)]));
  const directory = [...devices.values()];
  const later = (ms: number, run: () => void): void => void clock.after(ms, run);
  const between = (least: number, most: number): number => least + random() * (most - least);

  /** Once for all that happens at the same time: when the world begins, that is every node. */
  let isToBeLooked = false;
  function everybodyLooks(): void {
    isToBeLooked = false;
    for (const [id, { running }] of nodes) {
      running?.detector?.look();
      later(between(100, 3000), () => {
        nodes.get(id)?.running?.linkChanged();
        if (scene.linked(id)) brain.connected(id);
      });
    }
  }
  const scene: Scene = {
    ...{ options, network, nodes, brain, voters, oracle, random, ids, realMembership, reaches, later, between },
    ...{ clientId: simulatedId(0xffff), stationIds: [simulatedId(0xfff1), simulatedId(0xfff2)] },
    coordinator: coordinatorId,
    sides: new Map(),
    policy: {
      replicas,
      offlineGrants: options.offline,
      site: 'main',
      nodes: () => directory,
      mayHold: () => true,
      device: (id) => devices.get(id)
    },
    votersOf: (job) => voters.get(job) ?? [],
    linked: (node) => brain.up() && reaches(node, coordinatorId),
    pick: (from) => from[Math.floor(random() * from.length)],
    running: () => [...nodes.values()].filter(({ machine }) => machine.isUp()),
    connectionsChanged() {
      if (!isToBeLooked) later(0, everybodyLooks);
      isToBeLooked = true;
    },
    boot(node) {
      startNode(node, scene).then(scene.connectionsChanged, (error: unknown) =>
        oracle.fail(`a node does not start: ${error}`)
      );
    }
  };
  async function pass(phase: Progress['phase'], ms: number): Promise<void> {
    const end = network.now() + ms;
    while (network.now() < end) {
      await network.run(Math.min(10_000, end - network.now()));
      onProgress({
        ...{ at: network.now() - began, phase },
        ...{ counts: oracle.counts, messages: network.traffic.messages }
      });
    }
  }
  const people = createPeople(scene);
  const faults = createFaults(scene);
  const { running } = scene;

  for (const id of ids) {
    const node: SimulatedNode = {
      machine: createMachine(network, id, between(-60_000, 60_000)),
      disk: emptyDisk(),
      running: null
    };
    nodes.set(id, node);
    scene.boot(node);
  }
  for (let count = 0; count < jobs; count += 1) later(random() * troubled, () => void people.submit());
  faults.begin();
  await pass('trouble', troubled);
  faults.end();

  const last = network.now();
  const bound = convergenceBound(options);
  let unwell = ['not looked at'];
  while (unwell.length > 0 && network.now() - last < bound) {
    await pass('calm', options.rot ? 600_000 : 10_000);
    unwell = complaints();
  }
  const converged = unwell.length === 0 ? network.now() - last : null;
  for (const complaint of unwell) oracle.fail(complaint);
  // Not where replicas rot: holders may not know yet what they do not have. In one world of four, for it takes its time.
  if (converged !== null && !options.rot && seed % 4 === 1) await oneLeaves();
  const counts = { ...oracle.counts };
  for (const node of nodes.values()) faults.crash(node);
  return {
    options,
    violations: oracle.violations,
    counts,
    faults: faults.had,
    converged,
    simulated: network.now() - began,
    messages: network.traffic.messages
  };

  /** When all is well, a node that is told to go leaves behind what is wanted. */
  async function oneLeaves(): Promise<void> {
    const up = running();
    const node = scene.pick(up);
    if (!node || up.length < 2) return;
    // Until everybody has compared with everybody: nobody takes for a holder who has lost its replica.
    await pass('leaving', comparedAfter(options.nodes));
    const jobs = oracle.alive().filter((job) => oracle.holders(job).has(node.machine.id));
    let isGone = false;
    void faults.goodbye(node, 'told', 600, () => {
      isGone = true;
    });
    for (let waited = 0; !isGone && waited < 700; waited += 10) await pass('leaving', 10_000);
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
