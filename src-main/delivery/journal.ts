import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GrantId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import { syncFolder } from '../base/atomic-file.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { encodeLine } from '../base/ndjson.ts';
import { type Grant, Outcome } from '../protocol/device-api.ts';
import { OfflineRecord } from '../protocol/offline.ts';

/**
 * What became of each grant, in a file of its own that only grows: every line is durable before the step that it announces.
 * That a grant's file exists is what makes the grant used. No secrets, no titles.
 */
const at = z.iso.datetime();
const Accepted = z.object({
  stage: z.literal('accepted'),
  at,
  grant: GrantId,
  job: JobId,
  printer: PrinterId,
  fence: z.number().int(),
  /** Granted by a station: what the coordinator has still to be told. Signed statements, no secret. */
  offline: OfflineRecord.optional()
});
const Later = z.discriminatedUnion('stage', [
  /** From here on the printer may have some of a document. Before it, it has an empty job at most. */
  z.object({
    stage: z.literal('sending'),
    at,
    /** Which of how many printer jobs this delivery makes, counted from 0. */
    part: z.int().min(0),
    parts: z.int().min(1),
    /** job-id, where the printer told it before the first byte. */
    printerJob: z.int().optional()
  }),
  /** The printer has all of this part. */
  z.object({ stage: z.literal('delivered'), at, part: z.int().min(0), printerJob: z.int() }),
  z.object({ stage: z.literal('ended'), at, outcome: Outcome }),
  /** The coordinator has the outcome. */
  z.object({ stage: z.literal('reported'), at })
]);
type Later = z.infer<typeof Later>;
type Step = Later extends infer Each ? (Each extends Later ? Omit<Each, 'at'> : never) : never;
type Of<Stage extends Later['stage']> = Extract<Later, { stage: Stage }>;

export interface JournalEntry {
  readonly grant: GrantId;
  readonly job: JobId;
  readonly printer: PrinterId;
  readonly fence: number;
  /** Granted by a station, not by the coordinator. */
  readonly offline: OfflineRecord | undefined;
  /** The printer job that was begun last. Undefined: no byte of a document went out. */
  begun(): BegunPart | undefined;
  /** job-ids of the parts before it. */
  earlier(): number[];
  outcome(): Outcome | undefined;
  /** Durable when it resolves. */
  note(step: Step): Promise<void>;
}

export interface BegunPart {
  readonly part: number;
  readonly parts: number;
  readonly printerJob: number | undefined;
  readonly delivered: boolean;
}

export interface Journal {
  /** Uses a grant up. Throws `grant-used`, also for a grant that a later one of the same job has overtaken. */
  accept(grant: Grant, offline?: OfflineRecord): Promise<JournalEntry>;
  /** Found at start-up: not ended, or ended and not reported. */
  readonly unfinished: readonly JournalEntry[];
}

export async function openJournal(dataDir: string, clock: Clock): Promise<Journal> {
  const folder = join(dataDir, 'deliveries');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  /** Those of the coordinator and those of stations count apart. */
  const fences = new Map<string, number>();
  const fenceLine = (job: JobId, offline: unknown) => (offline ? `offline ${job}` : job);
  const unfinished: JournalEntry[] = [];
  const oldest = clock.now() - limits.grantMemoryHours * 3_600_000;

  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const [first, ...rest] = await readLines(path);
    const accepted = Accepted.safeParse(first).data;
    if (!accepted) continue; // a grant that was being accepted: used, and nothing came of it
    const later = rest.flatMap((line) => Later.safeParse(line).data ?? []);
    const done = later.some(({ stage }) => stage === 'reported');
    if (done && Date.parse(accepted.at) < oldest) {
      await rm(path);
      continue;
    }
    const key = fenceLine(accepted.job, accepted.offline);
    fences.set(key, Math.max(accepted.fence, fences.get(key) ?? 0));
    if (!done) unfinished.push(entryOf(accepted, later, path, clock));
  }

  return {
    unfinished,
    async accept({ id, job, printer, fence }, offline) {
      if (fence <= (fences.get(fenceLine(job, offline)) ?? -1)) throw new LetterlockError('grant-used');
      const path = join(folder, `${id}.jsonl`);
      const accepted: z.infer<typeof Accepted> = {
        stage: 'accepted',
        at: isoTime(clock.now()),
        grant: id,
        job,
        printer,
        fence,
        ...(offline ? { offline } : {})
      };
      await append(path, accepted, 'wx').catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? new LetterlockError('grant-used') : error;
      });
      await syncFolder(folder);
      fences.set(fenceLine(job, offline), fence);
      return entryOf(accepted, [], path, clock);
    }
  };
}

function entryOf(accepted: z.infer<typeof Accepted>, later: Later[], path: string, clock: Clock): JournalEntry {
  const { grant, job, printer, fence, offline } = accepted;
  const begun = () => later.findLast((step): step is Of<'sending'> => step.stage === 'sending');
  const deliveries = () => later.filter((step): step is Of<'delivered'> => step.stage === 'delivered');
  return {
    grant,
    job,
    printer,
    fence,
    offline,
    begun() {
      const sending = begun();
      if (!sending) return undefined;
      const { part, parts } = sending;
      const delivered = deliveries().find((each) => each.part === part);
      const printerJob = delivered?.printerJob ?? sending.printerJob;
      return { part, parts, printerJob, delivered: delivered !== undefined };
    },
    earlier: () => deliveries().flatMap(({ part, printerJob }) => (part === begun()?.part ? [] : printerJob)),
    outcome: () => later.findLast((step) => step.stage === 'ended')?.outcome,
    async note(step) {
      const line: Later = { ...step, at: isoTime(clock.now()) };
      await append(path, line, 'a');
      later.push(line);
    }
  };
}

async function append(path: string, line: object, flags: 'wx' | 'a'): Promise<void> {
  const file: FileHandle = await open(path, flags, 0o600);
  try {
    // The line break comes first, so that a line that a crash cut off spoils no other.
    await file.write(flags === 'a' ? `\n${encodeLine(line)}` : encodeLine(line));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readLines(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as unknown] : [];
    } catch {
      return [];
    }
  });
}
