import type { PolicyView } from '../../../src-preload/contract/views.ts';

/** The settings of an organization that has changed none, for tests. */
export const testPolicy = {
  replicas: 2,
  holdHours: 24,
  deliveryGrade: 'ipps-required',
  jobNames: 'shown',
  sharedPrinters: false,
  offlineHours: 0,
  quorum: 1,
  cloudNodes: 'deny',
  badges: 'off',
  custody: 'standard'
} as const satisfies PolicyView;
