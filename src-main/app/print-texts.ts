import { type ErrorCode, publicErrors } from '../../src-preload/contract/errors.ts';
import type { JobView } from '../../src-preload/contract/views.ts';

/**
 * What print dialogs and print queues tell people in words: job-state-message and printer-state-message. Errors keep the words
 * that every surface uses for them.
 */
export const whatToDo = (code: ErrorCode): string => `${publicErrors[code].message} ${publicErrors[code].next}`;

export const printerTexts = {
  keptHere: (jobs: number): string =>
    `${jobs === 1 ? 'One job waits' : `${jobs} jobs wait`} sealed on this computer until another machine can take it over. Leave it on.`,
  noNode: 'No other machine answers. Jobs wait sealed on this computer until one does.'
};

/** What has become of a job. */
export function jobText({ state, progress, inOutbox, holders, forecast, expires, printer, failure }: JobView): string {
  const at = printer ? ` at ${printer}` : '';
  const why = failure ? ` ${failure.message}` : '';
  const quorum = forecast?.quorum;
  const copies = quorum ? ` ${quorum.have} of ${quorum.need} copies are made; leave this computer on.` : '';
  switch (state) {
    case 'sealing':
      return progress ? 'Being sealed.' : 'Waits for its documents.';
    case 'held':
      return inOutbox && holders.length === 0
        ? 'Sealed. Waits on this computer until another machine can take it over. Leave it on.'
        : `Sealed. Waits for you at a printer until ${clockTime.format(new Date(expires))}.${copies}${why}`;
    case 'released':
      return `Released. On its way to ${printer ?? 'the printer'}.`;
    case 'printing':
      return `Being printed${at}.`;
    case 'completed':
      return `Printed${at}.`;
    case 'uncertain':
      return whatToDo('job-uncertain');
    case 'canceled':
      return 'Canceled and erased.';
    case 'expired':
      return whatToDo('job-expired');
    case 'aborted':
      return `Not taken, nothing of it was kept.${why}`;
  }
}

/** In the time zone of this computer. Made once: making one takes longer than all else that is said of a hundred jobs. */
const clockTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
