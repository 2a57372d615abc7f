import { JobId } from '../../../src-preload/contract/index.ts';
import type { Change, Changes } from '../changes.ts';
import type { Deadlines } from '../deadlines.ts';
import type { EventStreams } from '../event-streams.ts';
import type { JobEvents } from '../job-events.ts';
import type { KeyRotation } from '../key-rotation.ts';
import type { Tables } from '../store.ts';
import type { Cluster } from './cluster.ts';
import { inPieces } from './words.ts';

/** Says what an act has changed to the other coordinators, if there can be any. */
export const announcing = (cluster: Cluster) => async (changes: readonly Change[], tables: Tables) => {
  for (const piece of inPieces(merged(changes), ({ area, ids }) => area.length + ids.join('","').length + 24))
    await cluster.say({ type: 'changed', changes: piece }, tables);
};

/** Ids of one area together, a bounded number each. */
function merged(changes: readonly Change[]): { area: string; ids: string[] }[] {
  const areas = new Map<string, Set<string>>();
  for (const { area, ids } of changes) {
    const known = areas.get(area) ?? new Set();
    for (const id of ids) known.add(id);
    areas.set(area, known);
  }
  return [...areas].flatMap(([area, known]) => {
    const ids = [...known];
    if (ids.length === 0) return [{ area, ids }];
    return [...inPieces(ids, (id) => id.length)].map((piece) => ({ area, ids: piece }));
  });
}

/** What an act at another coordinator means here: its consequences for browsers and devices that are connected to this one. */
export function follow(options: {
  readonly cluster: Cluster;
  readonly changes: Changes;
  readonly events: JobEvents;
  readonly deadlines: Deadlines;
  readonly rotation: KeyRotation;
  readonly streams: EventStreams;
}): void {
  const { cluster, changes, events, deadlines, rotation, streams } = options;
  cluster.on('changed', ({ changes: all }) => {
    changes.publish(all);
    const jobs = all.filter(({ area }) => area === 'job').flatMap(({ ids }) => ids);
    for (const id of jobs) {
      const job = JobId.safeParse(id);
      if (job.success) events.heard(job.data);
    }
    if (jobs.length > 0) deadlines.rearm();
    if (all.some(({ area }) => area === 'key' || area === 'policy')) void rotation.rearm();
  });
  // Whatever was missed meanwhile.
  cluster.onHearing(() => {
    for (const device of streams.here()) events.greet(device);
    deadlines.rearm();
  });
}
