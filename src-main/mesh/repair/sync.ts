import { randomBytes } from 'node:crypto';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { decoded } from '../../identity/base64url.ts';
import { type JobStatement, type RepairMessage, type RepairReply, repairVersion as v } from '../../protocol/repair.ts';
import { bucketOf, digestOf } from './digest.ts';
import type { Holdings } from './holdings.ts';
import type { RepairOptions } from './port.ts';
import { proofOf } from './proof.ts';

/**
 * Anti-entropy between two nodes: digests of what both should hold, then statements about the jobs of the buckets that differ, then
 * a proof of one job by chance. Asking and answering; when to ask is others' business.
 */
export interface Sync {
  answer(from: DeviceId, message: RepairMessage): Promise<RepairReply>;
  /** Compares everything that both should hold. */
  compare(node: DeviceId, signal: AbortSignal): Promise<void>;
  /** Exchanges what both know of these jobs. What the other says counts when it is `ready`. */
  exchange(
    node: DeviceId,
    jobs: readonly JobId[],
    signal: AbortSignal
  ): Promise<{ readonly ready: boolean; readonly jobs: readonly JobStatement[] }>;
}

export function createSync(
  options: Pick<RepairOptions, 'self' | 'shelf' | 'peers' | 'clock' | 'random' | 'logger'> & {
    readonly holdings: Holdings;
    readonly ready: () => boolean;
  }
): Sync {
  const { self, shelf, peers, random, logger, holdings, ready } = options;
  const { now } = options.clock;

  /** What this node holds and believes that the other one holds too. */
  const common = (node: DeviceId) => holdings.sharedWith(node).map((job) => ({ job, holders: holdings.holders(job) }));

  /** An order counts by its signature, receipts by theirs; that it does not hold a job is for the speaker to say. */
  async function take(from: DeviceId, { job, held, receipts, order }: JobStatement): Promise<void> {
    if (order && !shelf.order(job)) {
      await shelf
        .obey(order)
        .catch((error: unknown) => logger.warn({ job, from, error }, 'an order to erase is refused'));
    }
    if (!shelf.held.has(job)) return;
    if (!held) await holdings.lost(job, from);
    await holdings.merge(job, receipts, from);
  }

  async function exchange(node: DeviceId, jobs: readonly JobId[], signal: AbortSignal) {
    const said: JobStatement[] = [];
    let isReady = true;
    for (let at = 0; at < jobs.length; at += limits.repairPage) {
      const page = jobs.slice(at, at + limits.repairPage);
      const statements = await Promise.all(page.map(holdings.statement));
      const reply = await peers.ask(node, { v, type: 'jobs', jobs: statements }, signal);
      if (reply.type !== 'jobs') throw new LetterlockError('node-unreachable', 'another version');
      isReady &&= reply.ready;
      for (const statement of reply.jobs) {
        if (!page.includes(statement.job)) continue;
        await take(node, statement);
        said.push(statement);
      }
    }
    return { ready: isReady, jobs: said };
  }

  /** A holder that cannot prove it is none. Errors of the way there prove nothing. */
  async function challenge(node: DeviceId, job: JobId, signal: AbortSignal): Promise<void> {
    const held = shelf.held.get(job);
    if (!held) return;
    const offset = Math.floor(random() * held.blobSize);
    const length = Math.min(limits.proofBytes, held.blobSize - offset);
    const nonce = randomBytes(32);
    const message = { v, type: 'prove', job, nonce: nonce.toString('base64url'), offset, length } as const;
    const reply = await peers.ask(node, message, signal);
    if (reply.type !== 'proof') return;
    const expected = proofOf(nonce, { job, node, offset }, await shelf.bytes(job, offset, length));
    if (reply.proof === expected) return;
    logger.warn({ job, node }, 'a node does not hold what it signed for');
    await holdings.lost(job, node, reply.proof === null ? undefined : now() + limits.distrustSeconds * 1000);
  }

  return {
    exchange,
    async compare(node, signal) {
      const mine = common(node);
      if (mine.length === 0) return;
      const reply = await peers.ask(node, { v, type: 'digest', buckets: digestOf(mine) }, signal);
      if (reply.type !== 'digest') return;
      const differing = mine.filter(({ job }) => reply.different.includes(bucketOf(job))).map(({ job }) => job);
      await exchange(node, [...new Set([...differing, ...reply.jobs])], signal);
      const both = common(node);
      const one = both[Math.floor(random() * both.length)];
      if (one) await challenge(node, one.job, signal);
    },

    async answer(from, message) {
      if (message.type === 'digest') {
        const mine = common(from);
        const buckets = digestOf(mine);
        const different = buckets.flatMap((digest, bucket) => (digest === message.buckets[bucket] ? [] : [bucket]));
        const jobs = mine.map(({ job }) => job).filter((job) => different.includes(bucketOf(job)));
        return { v, type: 'digest', ready: ready(), different, jobs: jobs.slice(0, limits.repairIds) };
      }
      if (message.type === 'jobs') {
        for (const statement of message.jobs) await take(from, statement);
        const jobs = await Promise.all(message.jobs.map(({ job }) => holdings.statement(job)));
        return { v, type: 'jobs', ready: ready(), jobs };
      }
      const { job, offset, length } = message;
      const size = shelf.held.get(job)?.blobSize;
      if (size === undefined) return { v, type: 'proof', proof: null };
      if (offset + length > size) throw new LetterlockError('input-invalid', 'offset');
      const bytes = await shelf.bytes(job, offset, length);
      return { v, type: 'proof', proof: proofOf(decoded(message.nonce), { job, node: self, offset }, bytes) };
    }
  };
}
