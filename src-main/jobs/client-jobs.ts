import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import type { JobView, TicketView } from '../../src-preload/contract/views.ts';
import { LetterlockError } from '../base/errors.ts';
import { ownTerms } from '../protocol/own-policy.ts';
import type { PrintTerms } from '../protocol/print-terms.ts';
import { defaultSegmentSize } from '../sealing/blob-header.ts';
import { createReleaseApprovals, type ReleaseApprovals } from './approvals.ts';
import { startBackground } from './background.ts';
import { type ClientReleaseRequest, createClientRelease } from './client-release.ts';
import { createDescriptions } from './descriptions.ts';
import { createIntake, type Intake } from './intake.ts';
import { applyNews } from './job-news.ts';
import type { JobRecord } from './job-record.ts';
import { isFinal } from './job-state.ts';
import { openJobStore } from './job-store.ts';
import { viewOf } from './job-view.ts';
import { createOutbox, outboxFolder } from './outbox.ts';
import { createPool } from './pool.ts';
import type { JobsPorts } from './port.ts';
import { recover } from './recovery.ts';
import { createRegistrar } from './registration.ts';
import { type TicketRequest, takeTicket } from './release-tickets.ts';
import { createRoom } from './room.ts';
import { sealedChunkBound } from './sealing-fill.ts';
import { refusalOf } from './submit.ts';

/** The jobs of the user of this machine: taken in, sealed, sent, kept until they leave, shown, released, canceled. */
export interface ClientJobs extends Pick<Intake, 'begin' | 'documents'> {
  /** Why no job is taken now; null: they are. `guest`: jobs of somebody who is signed in (`JobTicket.owner`). */
  refusal(options?: { guest: boolean }): LetterlockError | null;
  /** How this machine's user may print, wherever that is. */
  terms(): PrintTerms;
  get(job: JobId): JobView | undefined;
  /** What else the print system that sent it is told. */
  spooled(job: JobId): SpooledJob | undefined;
  /** Throws `conflict` once the job has ended. */
  hold(job: JobId, held: boolean): Promise<void>;
  /** Cheap: asked whenever a print system looks at the printer. */
  condition(): JobsCondition;
  /** Newest first. */
  list(): JobView[];
  /** Throws the coordinator's refusal; `coordinator-unreachable` when only it could cancel. */
  cancel(job: JobId): Promise<void>;
  /** Resolves when the printer has the job; its state goes on to change. */
  release(request: ClientReleaseRequest): Promise<JobView>;
  /** Strict custody: what prints the job at a station while this machine is off. */
  ticket(request: TicketRequest): Promise<TicketView>;
  /** Strict custody: releases asked for elsewhere. */
  readonly approvals: Pick<ReleaseApprovals, 'list' | 'answer'>;
  onChange(listener: () => void): () => void;
  /** Breaks off what is being taken in, stops the rest where it can go on later. */
  close(): Promise<void>;
}

export interface SpooledJob {
  readonly userName: string;
  readonly held: boolean;
  /** Milliseconds since the Unix epoch; null: not yet. */
  readonly durable: number | null;
  readonly ended: number | null;
}

export interface JobsCondition {
  /** Jobs that are being taken in. */
  readonly sealing: number;
  /** Jobs that wait on this machine for a node. */
  readonly keptHere: number;
  /** This machine has no room for another one of those. */
  readonly storageFull: boolean;
}

/** Of about 1 MiB: the memory through which all documents pass, whatever is printed at once. */
const buffers = 24;
const pruneMs = 60 * 60 * 1000;
/** Beyond so many ended jobs they are pruned at once. */
const mostFinal = 250;
const Done = z.object({});

export async function createClientJobs(
  options: JobsPorts & {
    readonly dataDir: string;
    /** For tests: bytes free for the outbox. */
    readonly freeBytes?: (folder: string) => Promise<number>;
  }
): Promise<ClientJobs> {
  const { identity, organization, clock, logger } = options;
  const { condition, heard } = options.transport;
  const pool = createPool(buffers, () => Buffer.allocUnsafeSlow(sealedChunkBound(defaultSegmentSize)));
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const room = createRoom({ ...options, folder: outboxFolder(options.dataDir), onChange: changed });
  const outbox = createOutbox({ dataDir: options.dataDir, room });
  const ports = { ...options, outbox, pool };
  const store = await openJobStore(options);
  await recover(store, ports);
  await store.prune();

  const descriptions = createDescriptions(identity.sealing);
  await Promise.all(store.all().map(({ id, description }) => description && descriptions.read(id, description)));

  const progress = new Map<JobId, NonNullable<JobView['progress']>>();
  const onProgress = (job: JobId, now: NonNullable<JobView['progress']> | null) => {
    if (now) progress.set(job, now);
    else progress.delete(job);
    changed();
  };

  const registrar = createRegistrar(ports, store);
  const background = startBackground({
    store,
    registrar,
    ports,
    onProgress: (job, bytes) => {
      const total = store.get(job)?.blob?.blobSize ?? null;
      onProgress(job, bytes === null ? null : { phase: 'sending', bytes, total });
    }
  });
  const intake = createIntake({
    store,
    descriptions,
    registrar,
    ports,
    onProgress: (job, bytes) => onProgress(job, bytes === null ? null : { phase: 'sealing', bytes, total: null }),
    onDurable: background.wake
  });
  const releases = createClientRelease({
    store,
    registrar,
    ports,
    onProgress: (job, step) => onProgress(job, step && { phase: 'delivering', ...step })
  });

  const approvals = createReleaseApprovals({ store, descriptions, ports, onChange: changed });

  const offs = [
    approvals.close,
    store.onChange(changed),
    organization.onChange(changed),
    organization.onJob((news) => {
      const kept = store.get(news.id)?.inOutbox;
      applyNews(news, store, ports)
        .then(() => (kept ? background.reconsider(news.id) : undefined))
        .catch((error) => logger.warn({ job: news.id, error }, 'news of a job'));
    })
  ];
  let cancelPrune = () => {};
  const prune = () => {
    cancelPrune();
    cancelPrune = clock.after(pruneMs, prune);
    store.prune().catch((error) => logger.warn({ error }, 'old jobs stay listed'));
    descriptions.keep((job) => store.get(job) !== undefined);
  };
  prune();
  offs.push(store.onChange(() => store.count(({ state }) => isFinal(state)) > mostFinal && prune()));
  background.wake();

  const get = (job: JobId): JobView | undefined => {
    const record = store.get(job);
    const unwritten = { description: descriptions.get(job), progress: progress.get(job) };
    return record && viewOf(record, unwritten, { organization, self: identity.id, condition, heard });
  };

  const cancel = async (job: JobId): Promise<void> => {
    if (!store.get(job)) throw new LetterlockError('not-found', 'job');
    await intake.interrupt(job);
    const record = store.get(job);
    if (!record || record.state === 'canceled') return;
    if (isFinal(record.state)) throw new LetterlockError('conflict', record.state);
    if (record.inOutbox && record.holders.length === 0) {
      await store.change(job, { state: 'canceled' });
      await background.interrupt(job);
      return outbox.remove(job);
    }
    await background.interrupt(job);
    // A job that the coordinator has never heard of cannot be released by anybody once its registration is gone.
    if (await registrar.register(job)) await organization.call(`/v1/jobs/${job}/cancel`, {}, Done);
    await store.change(job, { state: 'canceled' });
    if (record.inOutbox) await background.reconsider(job);
  };

  return {
    refusal: (of = { guest: false }) => refusalOf(organization, identity, of),
    terms() {
      const directory = organization.directory();
      return directory ? ownTerms(directory, identity.id) : {};
    },
    begin: intake.begin,
    documents: intake.documents,
    get,
    spooled(job) {
      const record = store.get(job);
      return record && spooledJob(record);
    },
    async hold(job, held) {
      const record = store.get(job);
      if (!record) throw new LetterlockError('not-found', 'job');
      if (isFinal(record.state)) throw new LetterlockError('conflict', record.state);
      await store.change(job, { held });
    },
    condition: () => ({
      sealing: store.count(({ state }) => state === 'sealing'),
      keptHere: store.count(({ inOutbox }) => inOutbox),
      storageFull: room.full()
    }),
    list: () => store.all().flatMap(({ id }) => get(id) ?? []),
    cancel,
    async release(request) {
      await releases.release(request);
      const view = get(request.job);
      if (!view) throw new LetterlockError('not-found', 'job');
      return view;
    },
    ticket: (request) => takeTicket(request, { store, registrar, ports }),
    approvals,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      for (const off of offs) off();
      cancelPrune();
      room.close();
      await intake.close();
      await Promise.all([releases.close(), background.close()]);
      await store.close();
    }
  };
}

function spooledJob({ userName, held, durable, ended }: JobRecord): SpooledJob {
  const time = (text: string | null) => (text === null ? null : Date.parse(text));
  return { userName, held, durable: time(durable), ended: time(ended) };
}
