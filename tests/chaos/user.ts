import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JobId, JobView, PrinterId } from '../../src-preload/contract/index.ts';
import { run } from '../support/demo.ts';
import type { ChaosDocument } from './document.ts';
import type { Organization } from './organization.ts';

/** What people do: print from a program, release at a machine, look into the tray and try again. */
const testFile = resolve(import.meta.dirname, '../system/print-job.test');

/** Prints through the virtual printer; whether IPP said that it was accepted. */
export async function print(organization: Organization, document: ChaosDocument): Promise<boolean> {
  const { client, virtualPrinter, folder } = organization;
  const file = join(folder, '..', `${document.title}.pdf`);
  await writeFile(file, document.bytes);
  const [command = '', ...enter] = client.host.enter;
  const words = ['ipptool', '-t', '-T', '60', '-f', file, '-d', `title=${document.title}`, virtualPrinter, testFile];
  try {
    return (await run(command, [...enter, ...words])).stdout.includes('[PASS]');
  } finally {
    await rm(file, { force: true });
  }
}

/** At the client or at the station; resolves with the code of the refusal, or `printed`. */
export type Release = (job: JobId, acceptSecondCopy?: boolean) => Promise<string>;

export const releaseAtClient =
  ({ client, printerId, user }: Organization): Release =>
  (job, acceptSecondCopy = false) =>
    outcome(
      client.call('client.release', {
        job,
        printer: printerId as PrinterId,
        user: user.name,
        pin: user.pin,
        acceptSecondCopy
      })
    );

/** Signs in. */
export async function releaseAtStation({ station, printerId, user }: Organization): Promise<Release> {
  const signedIn = await outcome(station.call('station.sign-in', { user: user.name, pin: user.pin }));
  return async (job, acceptSecondCopy = false) =>
    signedIn === 'printed'
      ? outcome(station.call('station.release', { job, printer: printerId as PrinterId, acceptSecondCopy }))
      : signedIn;
}

const outcome = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'printed',
    (error: { code?: string; message: string }) => error.code ?? error.message
  );

export const jobOf = (organization: Organization, { title }: ChaosDocument): JobView | undefined =>
  organization.client.latest()?.jobs.find((job) => job.title === title);
