import { hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { z } from 'zod';
import {
  AuditForwardId,
  type AuditForwardTarget,
  type AuditForwardView,
  type OrganizationId
} from '../../../../src-preload/contract/index.ts';
import { utf8 } from '../../../base/bytes.ts';
import { type Clock, isoTime } from '../../../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import type { Logger } from '../../../base/logger.ts';
import { encodeLine } from '../../../base/ndjson.ts';
import { backoff, pause, type Wake } from '../../../base/retry.ts';
import type { Perform } from '../../act.ts';
import type { Changes } from '../../changes.ts';
import { unwrapSecret, wrapSecret } from '../../secret-wrap.ts';
import type { CoordinatorStore } from '../../store.ts';
import type { AuditRow } from '../chain.ts';
import { rowOf } from '../records.ts';
import type { AuditForwardRecord } from '../tables.ts';
import { isPublicAddress } from './receiver-socket.ts';
import { rowMessage, sendSyslog, testMessage } from './syslog.ts';
import { sendWebhook } from './webhook.ts';

/**
 * Sends each row to every receiver as it is written: in order, at least once, a batch at a time. Where each of them stands is
 * kept in the database; what a receiver does not take is sent again, later and later, and nothing piles up in memory.
 */
export interface AuditForwarding {
  list(): Promise<z.infer<typeof AuditForwardView>[]>;
  /** `secret`: of a webhook; it can never be read again. */
  add(wanted: NewForward, actor: string): Promise<z.infer<typeof AuditForwardView> & { secret: string | null }>;
  remove(id: AuditForwardId, actor: string): Promise<void>;
  /** Throws `receiver-unreachable`. */
  test(id: AuditForwardId): Promise<void>;
  /** Begins to send. Of several coordinators over one database only one does. */
  start(): void;
  close(): Promise<void>;
}
export interface NewForward {
  readonly name: string;
  readonly target: AuditForwardTarget;
  readonly after?: number | undefined;
}

interface Follower {
  readonly ended: AbortController;
  readonly done: Promise<void>;
  failing: { readonly since: number; readonly reason: string } | null;
}

export async function openAuditForwarding(options: {
  readonly store: CoordinatorStore;
  readonly organization: OrganizationId;
  /** 32 bytes outside the database; the key of the secrets is derived from it. */
  readonly rootKey: Uint8Array;
  readonly changes: Changes;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<AuditForwarding> {
  const { store, organization, rootKey, changes, perform, clock, logger } = options;
  const { audit, auditForwards } = store.tables;
  const label = utf8('letterlock/v1/audit-forward-wrapping');
  const secretsKey = new Uint8Array(hkdfSync('sha256', rootKey, utf8(organization), label, 32));
  const source = { organization, hostname: hostname() };
  const followers = new Map<AuditForwardId, Follower>();
  const context = (id: AuditForwardId) => `audit forward ${id}`;
  const onRows: Wake = (listener) =>
    changes.onChange(({ changes: all }) => all.some(({ area }) => area === 'audit') && listener());

  async function send({ id, target, secret }: AuditForwardRecord, rows: readonly AuditRow[], ended: AbortSignal) {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(limits.auditForwardSeconds * 1000)]);
    const now = clock.now();
    if (target.kind === 'syslog') {
      const messages = rows.map((row) => rowMessage(row, source));
      const wanted = rows.length > 0 ? messages : [testMessage(isoTime(now), source)];
      return sendSyslog({ ...target, allowPrivate: true }, wanted, signal);
    }
    const body = rows.length > 0 ? rows.map(encodeLine).join('') : encodeLine({ test: true, organization });
    const key = Buffer.from(unwrapSecret(secretsKey, secret ?? new Uint8Array(), context(id))).toString();
    return sendWebhook({ ...target, secret: key }, body, { now, signal });
  }

  /** Until it ends or the receiver is gone from the database. */
  async function follow(id: AuditForwardId, follower: Follower): Promise<void> {
    const { signal } = follower.ended;
    const delays = () => backoff(1000, 300_000);
    let pauses = delays();
    while (!signal.aborted) {
      const bell = ringing(onRows, signal);
      try {
        const record = await auditForwards.get(id);
        if (!record) return;
        const rows = (await audit.after(record.sequence, limits.auditForwardRows)).map(rowOf);
        if (rows.length === 0) {
          await bell.rung;
          continue;
        }
        await send(record, rows, signal);
        await auditForwards.advance(id, rows.at(-1)?.sequence ?? record.sequence);
        follower.failing = null;
        pauses = delays();
      } catch (error) {
        if (signal.aborted) return;
        const { code, detail } = asLetterlockError(error);
        if (!follower.failing)
          logger.warn({ forward: id, error }, 'a receiver does not take the audit log; trying again');
        follower.failing = { since: follower.failing?.since ?? clock.now(), reason: detail ?? code };
        await pause(pauses.next().value, clock, signal).catch(() => {});
      } finally {
        bell.off();
      }
    }
  }

  function begin(id: AuditForwardId): void {
    const follower: Follower = { ended: new AbortController(), failing: null, done: Promise.resolve() };
    followers.set(id, Object.assign(follower, { done: follow(id, follower) }));
  }

  async function view({ id, name, target, created, sequence }: AuditForwardRecord) {
    const failing = followers.get(id)?.failing ?? null;
    return {
      id,
      name,
      target,
      created: isoTime(created),
      sequence,
      waiting: ((await audit.last())?.sequence ?? 0) - sequence,
      failing: failing && { since: isoTime(failing.since), reason: failing.reason }
    };
  }
  async function known(id: AuditForwardId): Promise<AuditForwardRecord> {
    const record = await auditForwards.get(id);
    if (!record) throw new LetterlockError('not-found', 'receiver of the audit log');
    return record;
  }

  /** Receivers that were added, here or at another coordinator; those that were removed end by themselves. */
  async function beginNew(): Promise<void> {
    const all = await auditForwards.list();
    if (running) for (const { id } of all) if (!followers.has(id)) begin(id);
  }
  function begins(): void {
    beginNew().catch((error: unknown) => {
      logger.error({ error }, 'the receivers of the audit log could not be read; trying again');
      clock.after(5_000, begins);
    });
  }
  let running = false;
  let offChanges = () => {};

  return {
    list: async () => Promise.all((await auditForwards.list()).map(view)),

    async add({ name, target, after }, actor) {
      requireAcceptable(target);
      const id = AuditForwardId.parse(randomUUID());
      const secret = target.kind === 'webhook' ? randomBytes(32).toString('base64url') : null;
      const record = await perform(actor, async (act) => {
        if ((await act.tables.auditForwards.list()).length >= limits.auditForwards)
          throw new LetterlockError('conflict', `at most ${limits.auditForwards} receivers`);
        const last = (await act.tables.audit.last())?.sequence ?? 0;
        const made: AuditForwardRecord = {
          id,
          name,
          target,
          secret: secret === null ? null : wrapSecret(secretsKey, utf8(secret), context(id)),
          created: clock.now(),
          sequence: Math.min(after ?? last, last)
        };
        await act.tables.auditForwards.insert(made);
        act.record('audit.forward-added', id, { name, kind: target.kind, to: placeOf(target) });
        return made;
      });
      if (running && !followers.has(id)) begin(id);
      return { ...(await view(record)), secret };
    },

    async remove(id, actor) {
      await perform(actor, async ({ tables, record }) => {
        const forward = await tables.auditForwards.get(id);
        if (!forward) throw new LetterlockError('not-found', 'receiver of the audit log');
        await tables.auditForwards.remove(id);
        record('audit.forward-removed', id, { name: forward.name, to: placeOf(forward.target) });
      });
      followers.get(id)?.ended.abort();
      followers.delete(id);
    },

    async test(id) {
      await send(await known(id), [], new AbortController().signal);
    },

    start() {
      running = true;
      offChanges = changes.onChange(({ changes: all }) => {
        if (all.some(({ area, ids }) => area === 'audit' && ids.length > 0)) begins();
      });
      begins();
    },

    async close() {
      running = false;
      offChanges();
      const all = [...followers.values()];
      followers.clear();
      for (const { ended } of all) ended.abort();
      await Promise.all(all.map(({ done }) => done));
    }
  };
}

/** What an address already says; a name is looked at whenever it is connected to. */
function requireAcceptable(target: AuditForwardTarget): void {
  if (target.kind !== 'webhook') return;
  const { hostname: host, username, password } = new URL(target.url);
  if (username || password) throw new LetterlockError('input-invalid', 'url: without user and password');
  const address = host.replaceAll(/^\[|\]$/g, '');
  if (!target.allowPrivate && isIP(address) && !isPublicAddress(address))
    throw new LetterlockError('input-invalid', 'url: a private address; allow it explicitly if it is meant');
}

/** For the log: where, without what a path or a query may hold. */
const placeOf = (target: AuditForwardTarget): string =>
  target.kind === 'syslog' ? `${target.host}:${target.port}` : new URL(target.url).host;

/** Rings from now on, so that nothing which happens while somebody looks is missed. */
function ringing(wake: Wake, signal: AbortSignal): { readonly rung: Promise<void>; off(): void } {
  let off = () => {};
  const rung = new Promise<void>((resolve) => {
    const offWake = wake(resolve);
    const abort = () => resolve();
    signal.addEventListener('abort', abort);
    off = () => {
      offWake();
      signal.removeEventListener('abort', abort);
    };
  });
  return { rung, off };
}
