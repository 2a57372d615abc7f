import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { JobId, OrganizationId } from '../../src-preload/contract/index.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { createAuthority } from '../identity/certificate-authority.ts';
import type { IntakeJob, PrintIntake } from '../ipp/port.ts';
import { startPrinterServer } from '../ipp/printer-server.ts';

/**
 * A print sink, for the demo where no `ippeveprinter` is installed: an IPPS printer that writes what it gets into a folder, in the
 * clear, and says that it is one. Never packaged. `--spool DIR`; prints one line of JSON when it is ready, ends with standard input.
 */
const { values } = parseArgs({ options: { spool: { type: 'string' } } });
const spool = values.spool ?? '.';
await mkdir(spool, { recursive: true, mode: 0o700 });

const jobs = new Map<JobId, IntakeJob>();
const intake: PrintIntake = {
  refusal: () => null,
  begin({ name, userName }) {
    const id = JobId.parse(randomUUID());
    const created = systemClock.now();
    const counts = { bytes: 0, documents: 0 };
    jobs.set(id, { id, state: 'processing', reasons: [], cancelable: true, name, userName, created, ...counts });
    return id;
  },
  async documents(id, documents, signal) {
    let count = 0;
    for await (const { content } of documents) {
      const file = join(spool, `${id}-${++count}`);
      await pipeline(Readable.from(content), createWriteStream(`${file}.part`, { mode: 0o600 }), { signal });
      await rename(`${file}.part`, `${file}.prn`); // whole or not there
    }
    finish(id, 'completed');
  },
  hold: async () => {},
  cancel: async (id) => finish(id, 'canceled'),
  job: (id) => jobs.get(id),
  jobs: () => [...jobs.values()].reverse(),
  printerState: () => ({
    state: 'idle',
    reasons: [],
    message: 'This is a print sink for demonstrations, not a printer.'
  }),
  printers: () => [],
  identify: () => {},
  onChange: () => () => {}
};

function finish(id: JobId, state: IntakeJob['state']): void {
  const job = jobs.get(id);
  if (job) jobs.set(id, { ...job, state, cancelable: false, completed: systemClock.now() });
}

const name = 'Letterlock print sink';
const { certificatePem, privateKeyPem } = await createAuthority({
  organization: { id: OrganizationId.parse(randomUUID()), name },
  now: systemClock.now()
});
const server = await startPrinterServer({
  port: 0,
  host: '127.0.0.1',
  uuid: randomUUID(),
  name,
  intake,
  access: { authentication: 'requesting-user-name', admit: async () => ({ name: null, sees: 'all' }) },
  logger: silentLogger,
  clock: systemClock,
  tls: { cert: certificatePem, key: privateKeyPem }
});
process.stdout.write(
  `${JSON.stringify({ uri: server.uri.replace('ipp:', 'ipps:'), pid: process.pid, certificatePem })}\n`
);
process.stdin.resume().once('close', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
