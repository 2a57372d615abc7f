import type { Migration } from '../migration.ts';

/**
 * Wrong tries, so that they count for all coordinators over this database and outlive a restart; and which coordinator has the
 * next content of a key file on its disk, while one is being replaced.
 */
export const sharedTriesAndKeys: Migration = {
  number: 18,
  statements: [
    `create table wrong_try (
      key_hash text primary key,
      tries integer not null,
      locked_until integer not null,
      latest integer not null
    ) strict`,
    `create index wrong_try_by_latest on wrong_try (latest)`,
    `create table key_copy (
      url text not null,
      name text not null,
      fingerprint text not null,
      primary key (url, name, fingerprint)
    ) strict`
  ]
};
