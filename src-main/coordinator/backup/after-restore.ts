import { randomUUID } from 'node:crypto';
import type { GrantId, PrinterId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { signingKey } from '../../identity/keys.ts';
import { createPerform } from '../act.ts';
import { openAuditJournal } from '../audit/journal.ts';
import { createChanges } from '../changes.ts';
import { stateOf } from '../job-state.ts';
import { openKeyFiles } from '../key-files.ts';
import { firstSite } from '../sites/sites.ts';
import type { CoordinatorStore, JobRecord, Tables } from '../store.ts';

/**
 * What a restored coordinator must not believe: that nothing happened since its backup was made. Every job that was open then
 * may have been printed, so nobody knows, and a person decides; grants given out since are unknown here and fenced off; the
 * next directory is newer than any that machines may have seen. One act, with a row in the audit log that says so.
 */
export async function settleRestored(options: {
  readonly dataDir: string;
  readonly store: CoordinatorStore;
  readonly backup: { readonly id: string; readonly created: string };
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<number> {
  const { dataDir, store, backup, clock, logger } = options;
  const now = clock.now();
  const keys = await openKeyFiles({ dataDir, organizationName: '', create: false, now });
  const { organization, coordinator } = keys.ids;
  const signer = { id: coordinator, key: signingKey(keys.signing) };
  const audit = await openAuditJournal({ dataDir, organization, signer, store, clock, logger });
  const perform = createPerform(store, audit, createChanges(), logger);
  const doubtful = await perform('coordinator', async ({ tables, record }) => {
    const doubtful = await doubtAll(tables, now);
    await tables.organization.nextDirectoryVersion(versionsApart);
    record('coordinator.restored', backup.id, { created: backup.created, doubtful });
    return doubtful;
  });
  await audit.close();
  return doubtful;
}

/** More directories, and more claims of one job, than can have been since the backup. */
const versionsApart = 1_000_000;
const fencesApart = 1000;

async function doubtAll(tables: Tables, now: number): Promise<number> {
  let count = 0;
  let printer: PrinterId | undefined;
  for (let after: JobRecord | undefined; ; ) {
    const jobs = await tables.jobs.openAfter(after?.id, 500);
    for (const job of jobs) {
      printer ??= await unknownPrinter(tables);
      await doubt(tables, job, printer, now);
      count += 1;
    }
    after = jobs.at(-1);
    if (!after) return count;
  }
}

/** What was under way may have ended either way, and there may have been attempts that nothing here tells of. */
async function doubt(tables: Tables, job: JobRecord, printer: PrinterId, now: number): Promise<void> {
  for (const { id, state } of await tables.grants.ofJob(job.id))
    if (state === 'claimed' || state === 'started') await tables.grants.setState(id, 'uncertain');
  const fence = job.fence + fencesApart;
  const [holder = job.device] = await tables.holders.of(job.id);
  await tables.grants.insert({
    id: randomUUID() as GrantId,
    job: job.id,
    node: holder,
    printer,
    user: job.owner,
    requestedBy: job.device,
    fence,
    issued: now,
    expires: now,
    state: 'uncertain',
    delivered: false,
    printerJob: null
  });
  const state = stateOf({ closed: job.closed, attempts: await tables.grants.ofJob(job.id) });
  const { closed, printer: latest } = job;
  await tables.jobs.change(job, { closed, state, fence, printer: latest, code: 'job-uncertain', updated: now });
}

/** Where an attempt may have been made that nothing here tells of. */
async function unknownPrinter({ printers, organization }: Tables): Promise<PrinterId> {
  const id = randomUUID() as PrinterId;
  await printers.insert({
    id,
    name: 'Unknown: before a restore',
    location: '',
    uri: '',
    status: 'removed',
    grade: 'ipps-required',
    certificateSha256: null,
    certificateSubject: null,
    certificateExpires: null,
    capabilities: null,
    site: await firstSite({ organization })
  });
  return id;
}
