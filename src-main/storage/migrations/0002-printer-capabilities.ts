import type { Migration } from '../migration.ts';

/** What each printer says it can do. */
export const printerCapabilities: Migration = {
  number: 2,
  statements: ['alter table printer add column capabilities text']
};
