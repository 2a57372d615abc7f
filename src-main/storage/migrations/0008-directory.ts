import type { Migration } from '../migration.ts';

/** People and groups as the organization's directory sends them. */
export const userDirectory: Migration = {
  number: 8,
  statements: [
    `alter table "user" add column external_id text`,
    `alter table "user" add column removed integer`,
    `create unique index user_by_external_id on "user" (external_id)`,
    `create table user_group (
      id text primary key,
      name text not null,
      name_key text not null unique,
      external_id text,
      created integer not null
    ) strict`,
    `create table user_group_member (
      group_id text not null references user_group (id),
      user_id text not null references "user" (id),
      primary key (group_id, user_id)
    ) strict`,
    `create index user_group_member_by_user on user_group_member (user_id)`
  ]
};
