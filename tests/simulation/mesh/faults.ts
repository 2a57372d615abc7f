import { limits } from '../../../src-main/base/limits.ts';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import { emptyDisk, type SimulatedNode } from './node.ts';
import type { Scene } from './scene.ts';

/** What goes wrong, one thing after the other, until `end`. */
export interface Faults {
  /** How many of each kind there were. */
  readonly had: Readonly<Record<string, number>>;
  begin(): void;
  /** No more of it; everything that is not gone for good comes back. */
  end(): void;
  crash(node: SimulatedNode): void;
  /** Hands over, and goes; nothing happens after it was ended in the middle. */
  goodbye(node: SimulatedNode, why: 'stop' | 'told', seconds: number, then: () => void): Promise<void>;
}

export function createFaults(scene: Scene): Faults {
  const { options, network, brain, clientId, nodes, ids, oracle, random } = scene;
  const { pick, between, later, running, connectionsChanged, boot } = scene;
  let isTroubled = true;

  const gone = new Set<DeviceId>();
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
      scene.sides = new Map(
        [...ids, scene.coordinator, clientId, ...scene.stationIds].map((id) => [id, random() < 0.6 ? 0 : 1])
      );
      const groups = [0, 1].map((side) => [...scene.sides].flatMap(([id, its]) => (its === side ? [id] : [])));
      network.partition(...groups);
      connectionsChanged();
      later(between(5000, 240_000), together);
    },
    coordinator() {
      brain.crash();
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
    scene.sides = new Map();
    network.heal();
    connectionsChanged();
  };
  const coordinatorBack = (): void => {
    if (brain.up()) return;
    brain.start();
    connectionsChanged();
  };
  const calm = (): void => void Object.assign(network.faults, { loss: 0, duplication: 0, delay: [0.2, 2] });
  const trouble = (): void => {
    if (!isTroubled) return;
    const kind = pick(kinds) ?? 'crash';
    // What happens to single nodes happens to more of them in a larger mesh.
    const times = ofOneNode.has(kind) ? Math.max(1, Math.round(options.nodes / 30)) : 1;
    for (let time = 0; time < times; time += 1) faults[kind]?.();
    had[kind] = (had[kind] ?? 0) + times;
    later(between(2000, 60_000), trouble);
  };
  const had: Record<string, number> = {};
  const kinds = Object.keys(faults).filter((kind) => kind !== 'rot' || options.rot);

  return {
    had,
    begin: () => later(between(0, 30_000), trouble),
    end() {
      isTroubled = false;
      calm();
      together();
      coordinatorBack();
      for (const node of nodes.values()) {
        node.machine.wake();
        if (!node.machine.isUp() && !gone.has(node.machine.id)) boot(node);
      }
      connectionsChanged();
    },
    crash,
    goodbye
  };
}

const ofOneNode: ReadonlySet<string> = new Set(['crash', 'leave', 'sleep', 'rot']);
