import type { Migration } from '../migration.ts';

/** Cards that people sign in with. */
export const badges: Migration = {
  number: 7,
  statements: [
    `create table badge (
      id text primary key,
      user_id text not null references "user" (id),
      hash text not null unique,
      created integer not null,
      last_used integer
    ) strict`,
    `create index badge_by_user on badge (user_id)`
  ]
};
