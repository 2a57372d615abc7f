import type { IntakeJob } from './port.ts';

/** RFC 8011 section 5.3.7: whether it is a state that a job never leaves, as far as the print system is concerned. */
export const isFinal = ({ state }: Pick<IntakeJob, 'state'>): boolean =>
  state === 'completed' || state === 'canceled' || state === 'aborted';
