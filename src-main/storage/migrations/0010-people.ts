import type { Migration } from '../migration.ts';

/** Groups made here, invitations, delegates, guests, and the rules about people. */
export const people: Migration = {
  number: 10,
  statements: [
    `alter table organization add column user_rules text not null default '{}'`,
    `alter table user_group add column source text not null default 'directory' check (source in ('local', 'directory'))`,
    `alter table "user" add column expires integer`,
    `alter table "user" add column host text`,
    `create index user_by_expiry on "user" (expires)`,
    `create index user_by_host on "user" (host)`,
    `create table invitation (
      id text primary key,
      user_id text not null references "user" (id),
      email text,
      secret_hash text not null unique,
      created integer not null,
      expires integer not null
    ) strict`,
    `create index invitation_by_user on invitation (user_id)`,
    `create table delegate (
      owner text not null references "user" (id),
      user_id text not null references "user" (id),
      until integer not null,
      created integer not null,
      primary key (owner, user_id)
    ) strict`,
    `create index delegate_by_user on delegate (user_id)`
  ]
};
