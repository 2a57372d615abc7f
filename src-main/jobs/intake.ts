import { randomUUID } from 'node:crypto';
import { JobId } from '../../src-preload/contract/ids.ts';
import { isoTime } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import { sealTitle } from './local-title.ts';
import { createPool } from './pool.ts';
import type { Registrar } from './registration.ts';
import { refusalOf, type SubmitPorts, type Submitted, submit } from './submit.ts';

/** What comes with a job. `attributes` are opaque but for their names. */
export interface JobTicket {
  readonly title: string;
  readonly documentFormat: string;
  readonly attributes: readonly JobAttribute[];
}
export interface JobAttribute {
  readonly name: string;
}
/** What comes with the document itself, if anything: it is said later, so it counts. */
export type DocumentTicket = Omit<JobTicket, 'title'>;

/** Takes documents in: from a ticket to a job that is durable, or to none at all. */
export interface Intake {
  /** Throws what `refusalOf` says. */
  begin(ticket: JobTicket): JobId;
  /** Once for each job. Resolves when it is durable; rejects with a coded reason, and then nothing of it remains. */
  document(job: JobId, source: AsyncIterable<Uint8Array>, signal: AbortSignal, ticket?: DocumentTicket): Promise<void>;
  /** Cancels a job that is not durable yet; resolves when it is decided which came first. */
  interrupt(job: JobId): Promise<void>;
  /** Breaks off what is being taken in. */
  close(): Promise<void>;
}

/** Documents at once; nodes bound the uploads of one machine too. The others wait. */
const atOnce = 12;
const titleLength = 1023; // "job-name" as sealing/metadata.ts bounds it
const hourMs = 60 * 60 * 1000;

export function createIntake(options: {
  readonly store: JobStore;
  readonly registrar: Registrar;
  readonly ports: SubmitPorts;
  readonly onProgress: (job: JobId, bytes: number | null) => void;
  /** A document became durable. */
  readonly onDurable: () => void;
}): Intake {
  const { store, registrar, ports, onProgress, onDurable } = options;
  const { identity, organization, outbox, clock, logger } = ports;
  const begun = new Map<JobId, JobTicket>();
  const running = new Map<JobId, { readonly stop: AbortController; readonly done: Promise<void> }>();
  const turns = createPool(atOnce, () => ({}));
  const writing = new Set<Promise<unknown>>();
  const canceled = new LetterlockError('conflict', 'canceled');

  /** With a full disk, say: what is known in memory counts, and the reason that is reported stays the first one. */
  const notSaved = (job: JobId) => (error: unknown) => logger.warn({ job, error }, 'a job record is not saved');

  const take = async (
    job: JobId,
    ticket: JobTicket,
    source: AsyncIterable<Uint8Array>,
    signal: AbortSignal
  ): Promise<void> => {
    const { created, expires } = store.get(job) ?? {};
    if (!created || !expires) throw new LetterlockError('not-found', 'job');
    const times = { created: Date.parse(created), expires: Date.parse(expires) };
    try {
      const onSealed = (bytes: number) => onProgress(job, bytes);
      const submission = { job, ...times, metadata: ticket, source, onProgress: onSealed };
      const turn = await turns.take(signal);
      try {
        await settle(job, await submit(submission, ports, signal));
      } finally {
        turns.give(turn);
      }
      onDurable();
    } catch (cause) {
      const error = signal.aborted ? asLetterlockError(signal.reason, 'upload-truncated') : asLetterlockError(cause);
      logger.warn({ job, error: cause }, 'a document was not taken');
      await outbox.remove(job).catch(notSaved(job));
      const state = error === canceled ? 'canceled' : 'aborted';
      await store.change(job, { state, failure: failureView(error) }).catch(notSaved(job));
      throw error;
    } finally {
      onProgress(job, null);
    }
  };

  const settle = async (job: JobId, { size, digest, manifest, jobPart, holdings }: Submitted): Promise<void> => {
    const inOutbox = holdings.length === 0;
    const saved = store.change(job, {
      state: 'held',
      size,
      blob: digest,
      holders: holdings.map(({ node }) => node),
      inOutbox,
      registration: inOutbox ? null : { manifest, jobPart, receipts: holdings.map(({ receipt }) => receipt) }
    });
    await Promise.all([saved, registrar.register(job)]);
  };

  return {
    begin(ticket) {
      const refusal = refusalOf(organization, identity);
      if (refusal) throw refusal;
      const job = JobId.parse(randomUUID());
      const now = clock.now();
      const title = ticket.title.slice(0, titleLength);
      begun.set(job, { ...ticket, title });
      const saved = store.put({
        v: 1,
        id: job,
        state: 'sealing',
        owner: organization.device(identity.id)?.ownerName ?? '',
        title: null,
        created: isoTime(now),
        expires: isoTime(now + (organization.directory()?.policy.holdHours ?? 0) * hourMs),
        ended: null,
        size: 0,
        blob: null,
        holders: [],
        inOutbox: false,
        registration: null,
        printer: null,
        failure: null
      });
      const titled = sealTitle(identity.sealing, job, title).then((sealed) => store.change(job, { title: sealed }));
      const written = Promise.all([saved, titled])
        .catch(notSaved(job))
        .finally(() => writing.delete(written));
      writing.add(written);
      return job;
    },

    async document(job, source, signal, ticket) {
      const first = begun.get(job);
      if (!first) throw new LetterlockError('conflict', 'document');
      begun.delete(job);
      const stop = new AbortController();
      const done = take(job, merged(first, ticket), source, AbortSignal.any([signal, stop.signal]));
      running.set(job, { stop, done });
      try {
        await done;
      } finally {
        running.delete(job);
      }
    },

    async interrupt(job) {
      if (begun.delete(job)) await store.change(job, { state: 'canceled' });
      const taking = running.get(job);
      taking?.stop.abort(canceled);
      await taking?.done.catch(() => {});
    },

    async close() {
      const stopped = new LetterlockError('engine-unreachable', 'stopped');
      const all = [...running.values()];
      for (const { stop } of all) stop.abort(stopped);
      await Promise.allSettled([...all.map(({ done }) => done), ...writing]);
    }
  };
}

function merged(first: JobTicket, later: DocumentTicket | undefined): JobTicket {
  if (!later) return first;
  const said = new Set(later.attributes.map(({ name }) => name));
  return {
    ...first,
    ...later,
    attributes: [...first.attributes.filter(({ name }) => !said.has(name)), ...later.attributes]
  };
}
