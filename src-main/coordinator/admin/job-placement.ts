import type { DeviceId, PlacementChoice } from '../../../src-preload/contract/index.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import { rankNodes } from '../../protocol/placement.ts';
import type { Manifest } from '../../sealing/manifest.ts';

/** Lines of an answer: the first ones are what matters in a mesh of hundreds. */
const most = 12;

/**
 * "Why these nodes?", as placement would decide it now, by what this coordinator knows of the nodes. `chosen` says who holds the job: the
 * printing machine decided by what it knew then, and some may have been asleep.
 */
export function placementNow(
  manifest: Pick<Manifest, 'job' | 'device' | 'blobSize'>,
  nodes: readonly DirectoryDevice[],
  known: {
    readonly holders: readonly DeviceId[];
    readonly copies: number;
    readonly offlineGrants: boolean;
    readonly cloudNodes: boolean;
    readonly isOnline: (node: DeviceId) => boolean;
    readonly condition: (node: DeviceId) => NodeCondition | null;
  }
): PlacementChoice[] {
  const { holders, copies, offlineGrants, cloudNodes, isOnline, condition } = known;
  const candidates = nodes.map(({ id, roles, cloud }) => ({
    id,
    roles,
    cloud,
    awake: isOnline(id),
    condition: condition(id)
  }));
  const rule = { copies, origin: manifest.device, bytes: manifest.blobSize, offlineGrants, cloudNodes };
  const { ranked, excluded } = rankNodes(manifest.job, candidates, rule);
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return [...ranked, ...excluded]
    .map(({ id, weight, reason }) => ({
      node: id,
      name: names.get(id) ?? id,
      chosen: holders.includes(id),
      reason,
      weight
    }))
    .sort((a, b) => Number(b.chosen) - Number(a.chosen))
    .slice(0, most);
}
