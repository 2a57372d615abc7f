import type { SimulatedNetwork } from '../../../src-main/mesh/testing/network.ts';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import type { SimulatedCoordinator } from './coordinator.ts';
import type { NodeWorld, SimulatedNode } from './node.ts';
import type { WorldOptions } from './world.ts';

/** What people and faults have in common: where everybody is, and what chance and time say. */
export interface Scene extends NodeWorld {
  readonly options: WorldOptions;
  readonly network: SimulatedNetwork;
  readonly nodes: ReadonlyMap<DeviceId, SimulatedNode>;
  readonly brain: SimulatedCoordinator;
  /** Machines that are no nodes: they stand on one side too when the network parts. */
  readonly clientId: DeviceId;
  readonly stationIds: readonly DeviceId[];
  /** Which side each machine is on while the network is parted; the others are on side 0. */
  sides: ReadonlyMap<DeviceId, number>;
  readonly voters: Map<JobId, readonly DeviceId[]>;
  pick<T>(from: readonly T[]): T | undefined;
  between(least: number, most: number): number;
  later(ms: number, run: () => void): void;
  running(): SimulatedNode[];
  /** Connections notice what happened to the network, each in its own time. */
  connectionsChanged(): void;
  boot(node: SimulatedNode): void;
}
