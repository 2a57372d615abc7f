import type { Migration } from '../migration.ts';

/** Which content of a key file counts, and under which authority each machine has its certificate (null: not noted then). */
export const keyFiles: Migration = {
  number: 11,
  statements: [
    `create table key_file (name text primary key, fingerprint text not null) strict`,
    `alter table device add column certificate_authority text`
  ]
};
