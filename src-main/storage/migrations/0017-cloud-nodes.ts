import type { Migration } from '../migration.ts';

/** Nodes outside of the organization's network, and tokens that enrol such nodes. 1: it is one. */
export const cloudNodes: Migration = {
  number: 17,
  statements: ['device', 'token'].map((table) => `alter table ${table} add column cloud integer not null default 0`)
};
