import type { ConnectionView } from '../../src-preload/contract/index.ts';

/** What is out of reach from a client: the coordinator, every other machine that keeps jobs, or both. Null: all is well. */
export type Outage = 'coordinator' | 'nodes' | 'both' | null;

export const outageOf = (connection: ConnectionView, self: string | null): Outage => {
  const offline = connection.coordinator === 'offline';
  const alone = !connection.nodes.some((node) => node.alive && node.id !== self);
  if (offline && alone) return 'both';
  if (offline) return 'coordinator';
  return alone ? 'nodes' : null;
};
