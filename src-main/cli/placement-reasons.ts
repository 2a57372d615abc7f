import type { PlacementReason } from '../../src-preload/contract/index.ts';

/** Why a node was chosen or passed over, in words. */
export const placementReasons: Record<PlacementReason, string> = {
  best: 'ranked first for this job',
  'other-domain': 'the first that does not fail together with the others',
  stationary: 'the first that stays where it is: the others are laptops',
  'ranked-lower': 'others rank higher for this job',
  asleep: 'it was asleep',
  'own-machine': 'it printed the job: only if there is no other',
  silent: 'it did not answer',
  leaving: 'it was leaving',
  'no-room': 'it had no room',
  station: 'stations keep nothing where they can open jobs by themselves',
  outside: 'it is a cloud node, and the policy keeps this job inside the network'
};
