import type { JobId } from '../../../src-preload/contract/ids.ts';
import type { Healing } from './healing.ts';
import type { Holdings } from './holdings.ts';
import type { RepairOptions } from './port.ts';

/**
 * Empties a cloud node of what it may not hold (any more): where no other node has the job, it is given to some that may have it, and
 * then it is erased here. What nobody can take stays, sealed, and counts as no replica, until somebody can or its time is over.
 */
export interface Withdrawing {
  mustGo(job: JobId): boolean;
  /** Throws what stopped it. */
  withdraw(job: JobId, signal: AbortSignal): Promise<void>;
}

export function createWithdrawing(
  options: Pick<RepairOptions, 'self' | 'shelf' | 'policy' | 'logger'> & {
    readonly holdings: Holdings;
    readonly healing: Pick<Healing, 'heal'>;
  }
): Withdrawing {
  const { self, shelf, policy, logger, holdings, healing } = options;
  return {
    mustGo(job) {
      const here = policy().device(self);
      return here !== undefined && !policy().mayHold(here, job);
    },
    async withdraw(job, signal) {
      const failure = await healing.heal(job, signal).then(
        () => null,
        (error: unknown) => error
      );
      signal.throwIfAborted();
      // Whoever of them answered has just said that it has it; of who is away there is the signed word.
      if (holdings.holders(job).length > 0) return shelf.withdraw(job);
      if (failure) throw failure;
      logger.warn({ job }, 'a job that may not lie here is nowhere else, and no node takes it');
    }
  };
}
