import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { isoTime } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import type { JobStatement, Upkeep } from '../../protocol/repair.ts';
import type { RepairOptions } from './port.ts';

/**
 * Who holds what this node holds, as signed receipts say it; kept beside each replica. A receipt counts when its holder, approved
 * now, signed it for exactly this blob, and not before it was known not to hold it any more.
 */
export interface Holdings {
  /** With this node, and without those that may not hold it any more. Empty when it does not hold the job itself. */
  holders(job: JobId): readonly DeviceId[];
  /** The jobs held here of which that other node is one of the holders. */
  sharedWith(node: DeviceId): readonly JobId[];
  /** Nodes that said, or were found out, not to hold it any more; and those not believed for now. */
  gone(job: JobId): { readonly nodes: readonly DeviceId[]; readonly distrusted: readonly DeviceId[] };
  upkeep(job: JobId): Upkeep;
  change(job: JobId, change: Partial<Upkeep>): Promise<void>;
  /** `from`: whose own word, given now, this is. It holds the job again, whatever its clock says. True when something was new. */
  merge(job: JobId, receipts: readonly Signed[], from?: DeviceId): Promise<boolean>;
  /** A node does not hold the job any more. What it signs after `until` (ms; now) counts again. */
  lost(job: JobId, node: DeviceId, until?: number): Promise<void>;
  /** What this node says of a job to others. */
  statement(job: JobId): Promise<JobStatement>;
  /** What is not held any more is forgotten; what is new is read from the disk. */
  takeStock(): Promise<void>;
}

/** A holder's clock may be ahead by so much. */
const skewMs = 5 * 60_000;

const nothing: Upkeep = { receipts: [], gone: [], scrubbed: null, told: true };

export function createHoldings(
  options: Pick<RepairOptions, 'self' | 'shelf' | 'openReceipt' | 'clock' | 'policy' | 'logger'>,
  onChange: (job: JobId) => void
): Holdings {
  const { self, shelf, openReceipt, clock, policy, logger } = options;
  const known = new Map<JobId, Upkeep>();
  /** The same the other way round: the jobs of each other node whose receipt is known. */
  const byHolder = new Map<DeviceId, Set<JobId>>();

  const upkeep = (job: JobId): Upkeep => known.get(job) ?? nothing;
  const others = (job: JobId): DeviceId[] =>
    upkeep(job)
      .receipts.map(({ signer }) => signer)
      .filter((node) => node !== self);

  function know(job: JobId, next: Upkeep | null): void {
    for (const node of others(job)) byHolder.get(node)?.delete(job);
    if (next) known.set(job, next);
    else known.delete(job);
    for (const node of others(job)) {
      const jobs = byHolder.get(node) ?? new Set();
      byHolder.set(node, jobs.add(job));
    }
  }

  async function change(job: JobId, part: Partial<Upkeep>): Promise<void> {
    if (!shelf.held.has(job)) return;
    const next = { ...upkeep(job), ...part };
    know(job, next);
    await shelf.writeUpkeep(job, next).catch((error: unknown) => {
      logger.warn({ job, error }, 'who holds a job could not be written down');
    });
    onChange(job);
  }

  /** Whether it counts. */
  function counts(job: JobId, signed: Signed, isFresh: boolean): boolean {
    const held = shelf.held.get(job);
    const said = openReceipt(signed);
    if (!held || !said || said.job !== job || said.node !== signed.signer) return false;
    if (said.sha256 !== held.sha256 || said.blobSize !== held.blobSize) return false;
    const at = Date.parse(said.at);
    const left = upkeep(job).gone.find(({ node }) => node === said.node);
    const until = left ? Date.parse(left.at) : 0;
    return at <= clock.now() + skewMs && (isFresh ? until <= clock.now() : until < at);
  }

  return {
    upkeep,
    change,
    holders(job) {
      if (!shelf.held.has(job)) return [];
      const { device, mayHold } = policy();
      return [self, ...others(job)].filter((node) => {
        const known = device(node);
        return known ? mayHold(known, job) : node === self;
      });
    },
    sharedWith(node) {
      const { device, mayHold } = policy();
      const its = device(node);
      if (!its) return [];
      return [...(byHolder.get(node) ?? [])].filter((job) => shelf.held.has(job) && mayHold(its, job));
    },
    gone(job) {
      const { gone } = upkeep(job);
      const distrusted = gone.filter(({ at }) => Date.parse(at) > clock.now());
      return { nodes: gone.map(({ node }) => node), distrusted: distrusted.map(({ node }) => node) };
    },

    async merge(job, receipts, from) {
      const byNode = new Map(upkeep(job).receipts.map((signed) => [signed.signer, signed]));
      let isNew = false;
      for (const signed of receipts) {
        if (byNode.has(signed.signer) || signed.signer === self) continue;
        if (!counts(job, signed, signed.signer === from)) continue;
        if (byNode.size >= limits.holdersPerJob) break;
        byNode.set(signed.signer, signed);
        isNew = true;
      }
      if (!isNew) return false;
      const gone = upkeep(job).gone.filter(({ node }) => !byNode.has(node));
      await change(job, { receipts: [...byNode.values()], gone });
      return true;
    },
    async lost(job, node, until = clock.now()) {
      if (!others(job).includes(node)) return;
      const { receipts, gone } = upkeep(job);
      await change(job, {
        receipts: receipts.filter(({ signer }) => signer !== node),
        gone: [...gone.filter((one) => one.node !== node), { node, at: isoTime(until) }].slice(-32)
      });
    },
    async statement(job) {
      const order = shelf.order(job);
      if (!shelf.held.has(job)) return { job, held: false, receipts: [], order };
      const own = upkeep(job).receipts.find(({ signer }) => signer === self) ?? (await shelf.receipt(job));
      const theirs = upkeep(job).receipts.filter(({ signer }) => signer !== self);
      return { job, held: true, receipts: [own, ...theirs].slice(0, limits.holdersPerJob), order };
    },
    async takeStock() {
      for (const job of known.keys()) if (!shelf.held.has(job)) know(job, null);
      for (const job of shelf.held.keys()) {
        if (known.has(job)) continue;
        const read = (await shelf.readUpkeep(job).catch(() => null)) ?? nothing;
        if (!known.has(job)) know(job, read);
      }
    }
  };
}
