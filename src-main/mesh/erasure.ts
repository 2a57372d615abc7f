import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { backoff, mayPass, pause } from '../base/retry.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openStatement, type Signed, signStatement } from '../identity/signed-statement.ts';
import type { Organization } from '../organization/organization.ts';
import { EraseOrder, type ErasureReceipt } from '../protocol/device-api.ts';
import type { Tombstone, Tombstones } from './tombstones.ts';

/**
 * Erases jobs when the coordinator orders it and when their time is over, and tells the coordinator with a signed receipt,
 * for as long as it takes. The tombstone is durable before the first byte goes, so a crash in between is made good later.
 */
export interface Erasure {
  /** Looks for jobs whose time is over, now and again when the next one is due. */
  sweep(): void;
  /**
   * Obeys an order that came by another node. One for a job that is not held here is kept for a holder that is away, up to
   * limits.witnessedOrders. Throws `not-allowed` unless the coordinator signed it. Resolves when nothing is left.
   */
  obey(order: Signed): Promise<void>;
  /** A job that may not lie here any more. Resolves when nothing is left. */
  withdraw(job: JobId): Promise<void>;
  close(): Promise<void>;
}

/** Wall clocks jump: expiry is looked at this often at least. */
const sweepMs = 3_600_000;

export function startErasure(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly tombstones: Tombstones;
  /** Removes everything of a job from this machine. */
  readonly destroy: (job: JobId) => Promise<void>;
  readonly held: ReadonlyMap<JobId, { readonly expires: number }>;
  /** The coordinator ordered this; nothing is erased yet. */
  readonly onOrder?: (job: JobId, order: Signed) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}): Erasure {
  const { identity, organization, tombstones, destroy, held, onOrder, clock, logger } = options;
  const ended = new AbortController();
  const running = new Set<Promise<void>>();
  let cancelSweep = () => {};

  const erase = async (tombstone: Tombstone) => {
    await tombstones.add(tombstone);
    await destroy(tombstone.job);
    tombstones.erased(tombstone.job);
    logger.info({ job: tombstone.job, reason: tombstone.reason }, 'job erased');
  };
  const begin = (tombstone: Tombstone): Promise<void> => {
    const task = erase(tombstone).then(report, (error: unknown) => {
      logger.error({ job: tombstone.job, error }, 'job could not be erased');
    });
    running.add(task);
    return task.finally(() => running.delete(task));
  };

  /** One pass after the other over what the coordinator has not heard, as long as there is any. */
  let reporting: Promise<void> | undefined;
  const report = () => {
    reporting ??= reportAll()
      .catch((error: unknown) => {
        if (!ended.signal.aborted) logger.error({ error }, 'erasure receipts are not sent');
      })
      .finally(() => {
        reporting = undefined;
      });
  };
  const reportAll = async () => {
    for (const ms of backoff(500, 60_000)) {
      for (const each of tombstones.unreported()) {
        if (organization.connected()) await sendReceipt(each);
      }
      if (tombstones.unreported().length === 0) return;
      await pause(ms, clock, ended.signal, (listener) =>
        organization.onChange(() => organization.connected() && listener())
      );
    }
  };
  const sendReceipt = async ({ job, reason, at }: Tombstone) => {
    const value: ErasureReceipt = { job, node: identity.id, reason, at };
    const receipt = await signStatement('erasure', value, { id: identity.id, key: identity.signing });
    try {
      await organization.call('/v1/erasures', { receipt }, z.object({}), { signal: ended.signal });
    } catch (error) {
      if (mayPass(error)) return;
      ended.signal.throwIfAborted();
      logger.warn({ job, error }, 'the coordinator does not want an erasure receipt');
    }
    await tombstones.reported(job);
  };

  const sweep = () => {
    cancelSweep();
    const now = clock.now();
    let next = now + sweepMs;
    for (const [job, { expires }] of held) {
      if (expires <= now) begin({ job, reason: 'expired', at: isoTime(now) });
      else next = Math.min(next, expires);
    }
    cancelSweep = clock.after(next - now, sweep);
  };

  const off = organization.onErase((_order, signed) => {
    try {
      const { job, reason } = openOrder(signed, identity);
      if (!tombstones.has(job)) onOrder?.(job, signed);
      begin({ job, reason, at: isoTime(clock.now()), order: signed });
    } catch (error) {
      logger.warn({ error }, 'an order to erase is not from our coordinator');
    }
  });
  report();
  sweep();

  return {
    sweep,
    async obey(order) {
      const { job, reason, at } = openOrder(order, identity);
      if (tombstones.order(job)) return;
      if (held.has(job)) return begin({ job, reason, at: isoTime(clock.now()), order });
      // What was ordered longer ago than any job lives is nothing that could come back.
      const isOld = Date.parse(at) + limits.holdHours * 3_600_000 < clock.now();
      if (isOld || tombstones.has(job) || tombstones.witnessed() >= limits.witnessedOrders) return;
      await tombstones.add({ job, reason, at: isoTime(clock.now()), order, witness: true });
    },
    withdraw: (job) => begin({ job, reason: 'outside', at: isoTime(clock.now()) }),
    async close() {
      off();
      cancelSweep();
      ended.abort();
      await Promise.all([...running, reporting]);
    }
  };
}

function openOrder(signed: Signed, { enrollment: { coordinator } }: DeviceIdentity): EraseOrder {
  return openStatement({
    kind: 'erase',
    signed,
    publicKey: decoded(coordinator.signing),
    schema: EraseOrder,
    maxBytes: 1024,
    code: 'not-allowed'
  });
}
