import { finalJobStates, type JobState, jobStates } from '../../src-preload/contract/views.ts';

/**
 * The life of a job as its printer's machine sees it. Pure.
 *
 *   sealing → held → released → printing → completed
 *                ↖____________↙   printing that certainly failed holds the job again
 *   any but a final one → uncertain, canceled, expired, aborted
 *
 * Once a job is held the coordinator decides, and its news may skip states: this machine may have been asleep.
 */
const heldOrLater = jobStates.filter((state) => state !== 'sealing');

const next: Readonly<Record<JobState, readonly JobState[]>> = {
  sealing: ['held', 'canceled', 'aborted'],
  held: heldOrLater,
  released: heldOrLater,
  printing: heldOrLater,
  uncertain: heldOrLater,
  completed: [],
  canceled: [],
  expired: [],
  aborted: []
};

export const isFinal = (state: JobState): boolean => finalJobStates.includes(state);

/** The state after news of `to`: news that cannot follow is late or repeated and changes nothing. */
export const stateAfter = (from: JobState, to: JobState): JobState => (next[from].includes(to) ? to : from);
