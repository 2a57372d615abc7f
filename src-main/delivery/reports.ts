import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { mayPass, retry } from '../base/retry.ts';
import type { Organization } from '../organization/organization.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { DirectoryPrinter } from '../protocol/directory.ts';
import type { JournalEntry } from './journal.ts';

/** Tells the coordinator how deliveries end, for as long as it takes. */
export function createReports(options: {
  readonly organization: Organization;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}) {
  const { organization, clock, logger, signal } = options;
  const Done = z.object({});
  const say = async ({ grant, offline }: JournalEntry, outcome: Outcome): Promise<void> => {
    if (offline) await organization.call('/v1/offline/records', offline, Done, { signal }).catch(unlessUnregistered);
    await organization.call(`/v1/grants/${grant}/outcome`, outcome, Done, { signal });
  };

  return {
    /** News on the way: if it gets lost, the outcome will say the same. */
    async inform(entry: JournalEntry, outcome: Outcome): Promise<void> {
      if (entry.offline && !organization.connected()) return;
      await say(entry, outcome).catch((error: unknown) => {
        logger.debug({ grant: entry.grant, error }, 'the coordinator will hear of the delivery later');
      });
    },
    /** What a printer says of itself now, where the directory says otherwise: if it gets lost, the next delivery says the same. */
    async describe({ id, capabilities: listed }: DirectoryPrinter, capabilities: string): Promise<void> {
      if (listed === capabilities) return;
      await organization
        .call(`/v1/printers/${id}/capabilities`, { capabilities }, z.object({}), { signal })
        .catch((error: unknown) =>
          logger.debug({ printer: id, error }, 'the coordinator will hear of a printer later')
        );
    },
    /** Resolves once the coordinator has the outcome, or does not want it. */
    async insist(entry: JournalEntry, outcome: Outcome): Promise<void> {
      // It never heard of the grant, and need not hear of one that printed nothing.
      if (entry.offline && outcome.result === 'failed' && !entry.begun()) return entry.note({ stage: 'reported' });
      try {
        await retry(() => say(entry, outcome), {
          again: mayPass,
          clock,
          signal,
          most: 60_000,
          wake: (listener) => organization.onChange(() => organization.connected() && listener())
        });
      } catch (error) {
        signal.throwIfAborted();
        logger.warn({ grant: entry.grant, error }, 'the coordinator does not want an outcome');
      }
      await entry.note({ stage: 'reported' });
    }
  };
}
/** The machine that printed the job comes back too, and registers it then. */
function unlessUnregistered(error: unknown): never {
  const early = error instanceof LetterlockError && error.code === 'not-found';
  throw early
    ? new LetterlockError('coordinator-unreachable', 'the job is not registered yet', { cause: error })
    : error;
}

export type Reports = ReturnType<typeof createReports>;
