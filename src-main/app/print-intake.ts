import type { JobId, JobView } from '../../src-preload/contract/index.ts';
import { toBase64url } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { requireAgreeable } from '../delivery/terms.ts';
import { decodeCapabilities } from '../ipp/capabilities.ts';
import { encodeAttributes } from '../ipp/codec.ts';
import type { IppAttribute } from '../ipp/message.ts';
import type { IncomingDocument, IntakeJob, PrintIntake } from '../ipp/port.ts';
import type { ClientJobs } from '../jobs/client-jobs.ts';
import type { JobDocument } from '../jobs/document-sequence.ts';
import type { UserSession } from '../jobs/user-session.ts';
import type { Organization } from '../organization/organization.ts';
import type { DirectoryPrinter } from '../protocol/directory.ts';
import { intakeJob } from './intake-job.ts';
import { acceptingState, stoppedState } from './printer-state.ts';

/** What is behind a printer once its machine is paired. */
export interface PrintServices {
  readonly jobs: Pick<
    ClientJobs,
    'refusal' | 'terms' | 'begin' | 'documents' | 'hold' | 'cancel' | 'get' | 'list' | 'spooled' | 'condition'
  >;
  readonly organization: Pick<Organization, 'directory' | 'connected' | 'online'>;
}

/** Joins a printer server to the jobs of its machine: the virtual printer, or the shared printer of a node. */
export function createPrintIntake(options: {
  /** Null while this machine is not paired. */
  readonly services: () => PrintServices | null;
  /**
   * A shared printer: the session of the person who prints, by the name that the printer server authenticated. Throws when
   * there is none. Absent: everything is for the machine's own user.
   */
  readonly ownerOf?: (userName: string) => UserSession;
  /** Brings the window to the front. */
  readonly identify?: (message?: string) => void;
  readonly logger: Logger;
}): PrintIntake & {
  /** To be called when jobs, organization or pairing have changed. */
  changed(): void;
} {
  const { services, ownerOf, identify, logger } = options;
  const listeners = new Set<() => void>();
  const printers = capabilitiesByDirectory(logger);
  const jobs = () => {
    const found = services()?.jobs;
    if (!found) throw new LetterlockError('not-paired');
    return found;
  };
  const refusal = () => {
    const found = services();
    return found ? found.jobs.refusal({ guest: Boolean(ownerOf) }) : new LetterlockError('not-paired');
  };
  const shown = (view: JobView | undefined): IntakeJob | undefined => {
    const spooled = view && services()?.jobs.spooled(view.id);
    return spooled && intakeJob(view, spooled);
  };
  const jobOf = (id: JobId) => shown(services()?.jobs.get(id));

  return {
    refusal,
    begin({ name, userName, attributes, held }) {
      // What no printer would be given is refused here, where it can still be asked for otherwise.
      if (!ownerOf) requireAgreeable([attributes], jobs().terms());
      return jobs().begin({
        title: name,
        userName,
        attributes: toBase64url(encodeAttributes(attributes)),
        held,
        ...(ownerOf ? { owner: ownerOf(userName) } : {})
      });
    },
    documents: (job, documents, signal) => jobs().documents(job, sealable(documents), signal),
    async hold(job, held) {
      if (held && jobOf(job)?.state === 'completed') throw new LetterlockError('conflict', 'completed');
      await jobs().hold(job, held);
    },
    cancel: async (job) => jobs().cancel(job),
    job: jobOf,
    jobs: () => (services()?.jobs.list() ?? []).flatMap((view) => shown(view) ?? []),
    printerState() {
      const found = services();
      const refused = refusal();
      return found && !refused ? acceptingState(found) : stoppedState(refused?.code ?? 'not-paired');
    },
    printers: () => printers(services()?.organization.directory()?.printers ?? none),
    identify: (message) => identify?.(message),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed() {
      for (const listener of listeners) listener();
    }
  };
}

async function* sealable(documents: AsyncIterable<IncomingDocument>): AsyncGenerator<JobDocument> {
  for await (const { attributes, ...document } of documents)
    yield attributes.length === 0 ? document : { ...document, attributes: toBase64url(encodeAttributes(attributes)) };
}

const none: readonly DirectoryPrinter[] = [];

/** Read once for each directory. What cannot be read is left out: it came from a printer. */
function capabilitiesByDirectory(logger: Logger) {
  let of: readonly DirectoryPrinter[] = [];
  let known: readonly (readonly IppAttribute[])[] = [];
  return (printers: readonly DirectoryPrinter[]) => {
    if (printers === of) return known;
    of = printers;
    known = printers.flatMap(({ id, capabilities }) => {
      if (capabilities === null) return [];
      try {
        return [decodeCapabilities(capabilities)];
      } catch (error) {
        logger.warn({ printer: id, error }, 'what a printer says of itself cannot be read');
        return [];
      }
    });
    return known;
  };
}
