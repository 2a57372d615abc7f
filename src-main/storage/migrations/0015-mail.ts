import type { Migration } from '../migration.ts';

/** The mail server, whose e-mail address is known to be theirs, and links that sign in. */
export const mail: Migration = {
  number: 15,
  statements: [
    `create table mail_server (
      one integer primary key check (one = 1),
      settings text not null,
      password blob
    ) strict`,
    `alter table invitation add column mailed_to text`,
    `create table confirmed_email (
      user_id text primary key references "user" (id),
      email text not null,
      confirmed integer not null
    ) strict`,
    `create table sign_in_link (
      secret_hash text primary key,
      browser_hash text not null,
      user_id text not null references "user" (id),
      email text not null,
      expires integer not null
    ) strict`,
    `create index sign_in_link_by_user on sign_in_link (user_id)`,
    `create index sign_in_link_by_expiry on sign_in_link (expires)`
  ]
};
