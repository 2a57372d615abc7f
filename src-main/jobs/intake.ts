import { randomUUID } from 'node:crypto';
import { JobId } from '../../src-preload/contract/ids.ts';
import { isoTime } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { ownDecisions } from '../protocol/own-policy.ts';
import type { Description, Descriptions } from './descriptions.ts';
import { type DocumentSequence, type JobDocument, openDocuments } from './document-sequence.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import { createPool } from './pool.ts';
import type { Registrar } from './registration.ts';
import { refusalOf, type SubmitPorts, type Submitted, submit } from './submit.ts';
import type { UserSession } from './user-session.ts';

/** What comes with a job. */
export interface JobTicket {
  readonly title: string;
  /** Who prints, as the operating system's print system calls them. */
  readonly userName: string;
  /** Job template attributes: base64url of exact IPP bytes. */
  readonly attributes: string;
  /** The print system was asked to hold it. */
  readonly held: boolean;
  /**
   * Somebody who is signed in, where the job isn't for the machine's own user. Such a job is at nodes and known to the
   * coordinator when it is taken, or it isn't taken: the session is never written down. It is read when the coordinator is
   * told, so that whoever gave it may have renewed it meanwhile.
   */
  readonly owner?: UserSession;
}

/** Takes documents in: from a ticket to a job that is durable, or to none at all. */
export interface Intake {
  /** Throws what `refusalOf` says. */
  begin(ticket: JobTicket): JobId;
  /**
   * Once for each job: its documents, each of which is read to its end before the next one is asked for. Resolves when the
   * job is durable; rejects with a coded reason, and then nothing of it remains.
   */
  documents(job: JobId, documents: AsyncIterable<JobDocument>, signal: AbortSignal): Promise<void>;
  /** Cancels a job that is not durable yet; resolves when it is decided which came first. */
  interrupt(job: JobId): Promise<void>;
  /** Breaks off what is being taken in. */
  close(): Promise<void>;
}

interface Begun {
  readonly ticket: JobTicket;
  /** Its record is on disk, as it was at first. Never rejects. */
  readonly written: Promise<unknown>;
}

/** Jobs at once; nodes bound the uploads of one machine too. The others wait, but never for documents that come one by one. */
const atOnce = 12;
const titleLength = 1023; // "job-name" as sealing/metadata.ts bounds it
const hourMs = 60 * 60 * 1000;

export function createIntake(options: {
  readonly store: JobStore;
  readonly descriptions: Descriptions;
  readonly registrar: Registrar;
  readonly ports: SubmitPorts;
  readonly onProgress: (job: JobId, bytes: number | null) => void;
  /** A job became durable. */
  readonly onDurable: () => void;
}): Intake {
  const { store, descriptions, registrar, ports, onProgress, onDurable } = options;
  const { identity, organization, outbox, clock, logger } = ports;
  const begun = new Map<JobId, Begun>();
  const running = new Map<JobId, { readonly stop: AbortController; readonly done: Promise<void> }>();
  const turns = createPool(atOnce, () => ({}));
  const slowTurns = createPool(atOnce, () => ({}));
  const writing = new Set<Promise<unknown>>();
  const canceled = new LetterlockError('conflict', 'canceled');

  /** With a full disk, say: what is known in memory counts, and the reason that is reported stays the first one. */
  const notSaved = (job: JobId) => (error: unknown) => logger.warn({ job, error }, 'a job record is not saved');

  const take = async (
    job: JobId,
    { ticket, written }: Begun,
    incoming: AsyncIterable<JobDocument>,
    signal: AbortSignal
  ): Promise<void> => {
    let documents: DocumentSequence | undefined;
    try {
      documents = await openDocuments(ticket, incoming, signal);
      const pool = documents.unfinished ? slowTurns : turns;
      const turn = await pool.take(signal);
      try {
        const submitted = await submit(submissionOf(job, ticket, documents), ports, signal);
        await written;
        await settle(job, ticket, documents.description(), submitted);
      } finally {
        pool.give(turn);
      }
      onDurable();
    } catch (cause) {
      const error = signal.aborted ? asLetterlockError(signal.reason, 'upload-truncated') : asLetterlockError(cause);
      logger.warn({ job, error: cause }, 'a job was not taken');
      await outbox.remove(job).catch(notSaved(job));
      const state = error === canceled ? 'canceled' : 'aborted';
      await store.change(job, { state, failure: failureView(error) }).catch(notSaved(job));
      throw error;
    } finally {
      documents?.close();
      onProgress(job, null);
    }
  };

  const submissionOf = (job: JobId, { owner }: JobTicket, documents: DocumentSequence) => {
    const record = store.get(job);
    if (!record) throw new LetterlockError('not-found', 'job');
    const user = owner?.user.id ?? organization.device(identity.id)?.owner;
    if (!user) throw new LetterlockError('no-owner');
    return {
      job,
      owner: user,
      created: Date.parse(record.created),
      expires: Date.parse(record.expires),
      documents,
      mayWait: !owner,
      onProgress: (bytes: number) => onProgress(job, bytes)
    };
  };

  const settle = async (
    job: JobId,
    { owner }: JobTicket,
    description: Description,
    { size, digest, manifest, custody, site, copies, quorum, jobPart, holdings, why }: Submitted
  ): Promise<void> => {
    const inOutbox = holdings.length === 0;
    const strict = custody === 'strict';
    const receipts = holdings.map(({ receipt }) => receipt);
    const registration = { manifest, jobPart: strict ? null : jobPart, receipts };
    const [sealed] = await Promise.all([
      descriptions.set(job, description),
      owner && registrar.registerFor(owner.session, registration)
    ]);
    const saved = store.change(job, {
      state: 'held',
      durable: isoTime(clock.now()),
      description: sealed,
      size,
      blob: digest,
      holders: holdings.map(({ node }) => node),
      why: [...why],
      inOutbox,
      site,
      copies,
      quorum,
      custody,
      jobPart: strict ? jobPart : null,
      registration: inOutbox || owner ? null : registration
    });
    await Promise.all([saved, registrar.register(job)]);
  };

  return {
    begin(ticket) {
      const refusal = refusalOf(organization, identity, { guest: Boolean(ticket.owner) });
      if (refusal) throw refusal;
      const job = JobId.parse(randomUUID());
      const now = clock.now();
      const directory = organization.directory();
      const owner = ticket.owner?.user.id ?? organization.device(identity.id)?.owner ?? null;
      const hours = directory ? ownDecisions(directory, identity.id, owner).holdHours.value : 0;
      const title = ticket.title.slice(0, titleLength);
      const described = descriptions.set(job, { title, documents: 1, facts: {} });
      const saved = store.put({
        v: 1,
        id: job,
        state: 'sealing',
        owner: ticket.owner?.user.name ?? organization.device(identity.id)?.ownerName ?? '',
        user: owner,
        site: null,
        userName: ticket.userName,
        held: ticket.held,
        description: null,
        created: isoTime(now),
        expires: isoTime(now + hours * hourMs),
        durable: null,
        ended: null,
        size: 0,
        blob: null,
        holders: [],
        why: [],
        inOutbox: false,
        copies: null,
        quorum: 1,
        registration: null,
        custody: 'standard',
        jobPart: null,
        printer: null,
        failure: null
      });
      const titled = described.then((description) => store.change(job, { description }));
      const written = Promise.all([saved, titled])
        .catch(notSaved(job))
        .finally(() => writing.delete(written));
      writing.add(written);
      begun.set(job, { ticket: { ...ticket, title }, written });
      return job;
    },

    async documents(job, documents, signal) {
      const first = begun.get(job);
      if (!first) throw new LetterlockError('conflict', 'documents');
      begun.delete(job);
      const stop = new AbortController();
      const done = take(job, first, documents, AbortSignal.any([signal, stop.signal]));
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
