import { z } from 'zod';
import type { JobRecord } from './job-record.ts';
import type { JobStore } from './job-store.ts';
import { chooseNodes, copiesOf, mostReasons, reachableHolder } from './placement.ts';
import { placesOf } from './places.ts';
import type { JobsPorts } from './port.ts';
import { copyReplica, rankHolders } from './replicas.ts';

const Done = z.object({});

/**
 * Makes the replicas that a job lacks because a node was away, or was lost, while it was being sent: holders pass it on to
 * others. True when something failed that may work in a while; who is merely away announces itself.
 */
export async function replenish(store: JobStore, ports: JobsPorts, signal: AbortSignal): Promise<boolean> {
  let left = false;
  for (const record of store.all().reverse()) {
    if (record.state !== 'held' || record.inOutbox || !record.blob) continue;
    if (record.registration && ports.organization.connected()) continue; // first things first
    try {
      if (!(await addReplicas(record, record.blob, store, ports, signal))) left = true;
    } catch (error) {
      signal.throwIfAborted();
      ports.logger.warn({ job: record.id, error }, 'a missing replica was not made');
      left = true;
    }
  }
  return left;
}

/** False while a machine that should answer does not: one that has just come back may not listen yet. */
async function addReplicas(
  { id: job, user, site, holders, copies }: JobRecord,
  digest: NonNullable<JobRecord['blob']>,
  store: JobStore,
  ports: JobsPorts,
  signal: AbortSignal
): Promise<boolean> {
  const { organization, transport } = ports;
  const places = placesOf({ user, site }, organization, ports.identity.id);
  const kept = rankHolders(holders.filter(places.has), organization);
  const wanted = Math.min(copiesOf({ copies }, organization), places.nodes.length);
  const missing = wanted - kept.length;
  if (missing <= 0 || places.site === null) return true;

  const holder = await reachableHolder(kept, ports, signal);
  if (!holder) return !kept.some((id) => organization.online().has(id));
  const wish = {
    copies: wanted,
    bytes: digest.blobSize,
    holders: kept,
    site: places.site,
    cloudNodes: places.cloudNodes
  };
  const { nodes: targets, why } = await chooseNodes(job, wish, ports, signal);
  for (const node of targets) {
    const { receipt } = await copyReplica(holder, node, { job, digest, transport }, signal);
    const registered = !store.get(job)?.registration;
    if (registered) await organization.call(`/v1/jobs/${job}/holders`, { receipt }, Done, { signal });
    const record = store.get(job);
    if (!record) return true;
    await store.change(job, {
      holders: [...new Set([...record.holders, node.id])],
      why: [
        ...why.filter((choice) => choice.node === node.id),
        ...record.why.filter((choice) => choice.node !== node.id)
      ].slice(0, mostReasons),
      registration: record.registration && {
        ...record.registration,
        receipts: [...record.registration.receipts, receipt]
      }
    });
  }
  return targets.length >= missing || why.every(({ reason }) => reason !== 'silent');
}
