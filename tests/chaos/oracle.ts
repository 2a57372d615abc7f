import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JobView } from '../../src-preload/contract/index.ts';
import { type ChaosDocument, canary } from './document.ts';
import type { Organization } from './organization.ts';
import { jobOf, releaseAtClient } from './user.ts';

const exec = promisify(execFile);

const ended = ['completed', 'canceled', 'expired', 'aborted'];
const finishSeconds = 240;
const eraseSeconds = 150;
const busySeconds = 60;

/**
 * Everything works again: whoever printed releases what is still held. Of a job that may have been printed they look into the tray
 * first: if it lies there they cancel the job, otherwise they accept a second copy. Throws when it does not come to an end.
 */
export async function finish(
  organization: Organization,
  documents: readonly ChaosDocument[],
  accepted: ReadonlySet<ChaosDocument>
): Promise<void> {
  const release = releaseAtClient(organization);
  const deadline = AbortSignal.timeout(finishSeconds * 1000);
  const noPatience = setInterval(() => void turnOffAndOn(organization), busySeconds * 1000);
  await Promise.all(
    documents.map(async (document) => {
      for (let last = ''; !deadline.aborted; ) {
        const job = jobOf(organization, document);
        if (!job) {
          if (!accepted.has(document)) return;
          throw new Error(`${document.title} was accepted and nobody knows it`);
        }
        if (ended.includes(job.state)) return;
        const answer = await forward(organization, document, job, release);
        // Not at once again what was just refused: the next change may help.
        if (answer === 'printed') await changed(organization, document, job);
        else if (answer === last) await changed(organization, document, job, 2000);
        last = answer;
      }
      throw new Error(`${document.title} does not come to an end: ${JSON.stringify(jobOf(organization, document))}`);
    })
  ).finally(() => clearInterval(noPatience));
}

/** ippeveprinter spins, and is busy for ever, when the connection breaks inside a document. People know what to do then. */
async function turnOffAndOn({ printer }: Organization): Promise<void> {
  await printer.kill();
  await printer.start();
}

async function forward(
  organization: Organization,
  document: ChaosDocument,
  job: JobView,
  release: ReturnType<typeof releaseAtClient>
): Promise<string> {
  if (job.state === 'held') return release(job.id);
  if (job.state !== 'uncertain') return 'printed';
  if (!(await organization.printer.tray()).includes(document.digest)) return release(job.id, true);
  await organization.client.call('client.cancel', { job: job.id }).catch(() => undefined);
  return 'printed';
}

/** Resolves when the job is in another state than before, or after a while. */
function changed({ client }: Organization, { title }: ChaosDocument, before: JobView, ms = 10_000): Promise<void> {
  return client
    .until('changed', ({ jobs }) => jobs.find((job) => job.title === title)?.state !== before.state, ms / 1000)
    .then(
      () => undefined,
      () => undefined
    );
}

/** What must not be, in words; nothing when all is well. */
export async function judge(
  organization: Organization,
  documents: readonly ChaosDocument[],
  accepted: ReadonlySet<ChaosDocument>
): Promise<string[]> {
  const problems = organization.machines.flatMap((machine) => {
    const death = machine.died();
    return death === null ? [] : [`DIED ${death}`];
  });
  for (const node of organization.nodes)
    await node
      .until('rid of all replicas', ({ replicas }) => replicas === 0, eraseSeconds)
      .catch((error: Error) => problems.push(`NOT ERASED ${error.message}`));
  const tray = await organization.printer.tray();
  for (const document of documents) {
    const copies = tray.filter((digest) => digest === document.digest).length;
    if (copies === 0 && accepted.has(document))
      problems.push(`LOST ${document.title}: ${jobOf(organization, document)?.state}`);
    if (copies > 1) problems.push(`TWICE ${document.title}: ${copies} copies`);
  }
  for (const file of await plaintext(organization)) problems.push(`PLAINTEXT ${file}`);
  const audit = await organization.coordinator.call('admin.audit.verify', {}).catch((error: Error) => error);
  if (audit instanceof Error || !audit.intact) problems.push(`AUDIT ${JSON.stringify(audit)}`);
  return problems;
}

/** Files of any machine, temporary ones and logs included, in which a canary is. The printer's are not: it prints. */
async function plaintext({ folder }: Organization): Promise<string[]> {
  const searched = (await readdir(folder)).filter((name) => name !== 'printer').map((name) => join(folder, name));
  const { stdout } = await exec('grep', [
    '--recursive',
    '--files-with-matches',
    '--text',
    '--devices=skip',
    '--fixed-strings',
    canary,
    ...searched
  ]).catch((error: { code: number; stdout: string }) => (error.code === 1 ? { stdout: '' } : Promise.reject(error)));
  return stdout.split('\n').filter(Boolean);
}
