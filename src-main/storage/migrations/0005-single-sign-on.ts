import type { Migration } from '../migration.ts';

/** E-mail addresses, the identity provider, and who its people are here. */
export const singleSignOn: Migration = {
  number: 5,
  statements: [
    `alter table "user" add column email text`,
    `create unique index user_by_email on "user" (email)`,
    `create table sso_provider (
      one integer primary key check (one = 1),
      settings text not null,
      secret blob
    ) strict`,
    `create table sso_link (
      id text primary key,
      kind text not null check (kind in ('admin', 'user')),
      issuer text not null,
      subject text not null,
      account text not null,
      created integer not null,
      last_sign_in integer,
      unique (kind, issuer, subject),
      unique (kind, issuer, account)
    ) strict`
  ]
};
