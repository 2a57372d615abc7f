import type { Migration } from '../migration.ts';

/** Keys to which job parts are escrowed for stations, and which stations have them. */
export const offlineGrants: Migration = {
  number: 14,
  statements: [
    `create table offline_key (
      epoch integer primary key,
      public_key text not null,
      wrapped blob,
      created integer not null,
      retired integer
    ) strict`,
    `create table offline_capsule (
      station text primary key references device (id),
      epoch integer not null,
      issued integer not null,
      expires integer not null
    ) strict`
  ]
};
