import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobId } from '../../src-preload/contract/ids.ts';
import { readJson, syncFolder, writeJsonAtomic } from '../base/atomic-file.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { JobRecord } from './job-record.ts';
import { isFinal, stateAfter } from './job-state.ts';

/**
 * The jobs that this machine printed: one folder each, `<dataDir>/jobs/<job>/job.json`, and all of them in memory. What is
 * final stays listed for a day, at most so many; then its folder goes.
 */
export interface JobStore {
  get(job: JobId): JobRecord | undefined;
  /** Newest first. */
  all(): JobRecord[];
  /** How many are such. Cheaper than `all`. */
  count(such: (record: JobRecord) => boolean): number;
  /** New or changed; on disk when it resolves, in memory and announced at once. */
  put(record: JobRecord): Promise<void>;
  /** Changes what is there now; a state that cannot follow is left out. Throws `not-found`. */
  change(job: JobId, change: Partial<Omit<JobRecord, 'v' | 'id'>>): Promise<void>;
  /** Removes final jobs that have been listed long enough. */
  prune(): Promise<void>;
  onChange(listener: () => void): () => void;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

const keepFinalMs = 24 * 60 * 60 * 1000;
const keepFinalCount = 200;

/** A damaged file is set aside and reported in the log; the others are read. */
export async function openJobStore(options: {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<JobStore> {
  const { clock, logger } = options;
  const root = join(options.dataDir, 'jobs');
  const fileOf = (job: JobId) => join(root, job, 'job.json');
  const records = new Map<JobId, JobRecord>();
  const writing = new Map<JobId, { readonly now: Promise<void>; readonly next?: Promise<void> }>();
  const listeners = new Set<() => void>();

  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) {
    const job = JobId.safeParse(name).data;
    if (!job) continue;
    try {
      for (const file of await readdir(join(root, job))) if (file.endsWith('.tmp')) await rm(join(root, job, file));
      const record = await readJson(fileOf(job), JobRecord);
      if (record?.id === job) records.set(job, record);
    } catch (error) {
      logger.error({ job, error }, 'a job record is damaged and was set aside');
    }
  }

  const write = async (job: JobId) => {
    const folder = join(root, job);
    const record = records.get(job);
    if (!record) return rm(folder, { recursive: true, force: true });
    if (await mkdir(folder, { recursive: true, mode: 0o700 })) await syncFolder(root);
    await (record.state === 'sealing' ? writeJsonQuickly : writeJsonAtomic)(fileOf(job), record);
  };
  /** One write of a job after the other; who comes while one is under way shares the next, which writes what is known then. */
  const save = (job: JobId): Promise<void> => {
    const current = writing.get(job);
    if (current?.next) return current.next;
    const turn = (current?.now ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        // Its own turn has come; who already waits for the one after that keeps waiting.
        if (writing.get(job)?.next === turn) writing.set(job, { now: turn });
        return write(job);
      })
      .finally(() => {
        if (!writing.get(job)?.next) writing.delete(job);
      });
    writing.set(job, current ? { ...current, next: turn } : { now: turn });
    return turn;
  };
  const announce = () => {
    for (const listener of listeners) listener();
  };
  const all = () => [...records.values()].sort((a, b) => (a.created < b.created ? 1 : -1));

  const put = async (record: JobRecord) => {
    const ends = isFinal(record.state)
      ? { ended: record.ended ?? isoTime(clock.now()), registration: null, jobPart: null, inOutbox: false, holders: [] }
      : {};
    records.set(record.id, { ...record, ...ends });
    announce();
    await save(record.id);
  };

  return {
    get: (job) => records.get(job),
    all,
    count(such) {
      let count = 0;
      for (const record of records.values()) if (such(record)) count += 1;
      return count;
    },
    put,
    async change(job, change) {
      const record = records.get(job);
      if (!record) throw new LetterlockError('not-found', 'job');
      await put({ ...record, ...change, state: stateAfter(record.state, change.state ?? record.state) });
    },
    async prune() {
      const oldest = isoTime(clock.now() - keepFinalMs);
      const final = all().filter((record) => isFinal(record.state));
      const gone = final.filter((record, index) => index >= keepFinalCount || (record.ended ?? '') < oldest);
      for (const { id } of gone) records.delete(id);
      if (gone.length > 0) announce();
      await Promise.all(gone.map(({ id }) => save(id)));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await Promise.allSettled([...writing.values()].map(({ now, next }) => next ?? now));
    }
  };
}

/** While a job is being sealed nothing is promised: its record must survive a crash of ours, not a power cut. */
async function writeJsonQuickly(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.tmp`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}
