import type { Migration } from '../migration.ts';

/** Several administrators with second factors, their sign-ins in browsers, and API tokens. */
export const administrators: Migration = {
  number: 3,
  statements: [
    `alter table admin add column role text not null default 'owner'`,
    `alter table admin add column password text not null default 'initial'`,
    `alter table admin add column totp blob`,
    `alter table admin add column totp_step integer not null default 0`,
    `alter table admin add column created integer not null default 0`,
    `alter table admin add column last_sign_in integer`,
    `create table admin_recovery_code (
      admin text not null references admin (name),
      hash text not null,
      primary key (admin, hash)
    ) strict`,
    `create table admin_passkey (
      id text primary key,
      admin text not null references admin (name),
      name text not null,
      host text not null,
      public_key blob not null,
      counter integer not null,
      transports text not null,
      created integer not null,
      last_used integer
    ) strict`,
    `create index admin_passkey_by_admin on admin_passkey (admin)`,
    `create table web_session (
      id text primary key,
      token_hash text not null unique,
      kind text not null check (kind in ('admin', 'user')),
      subject text not null,
      created integer not null,
      last_used integer not null,
      proved integer not null,
      address text not null,
      agent text not null
    ) strict`,
    `create index web_session_by_subject on web_session (kind, subject)`,
    `create table api_token (
      id text primary key,
      name text not null,
      token_hash text not null unique,
      scopes text not null,
      created_by text not null,
      created integer not null,
      expires integer not null,
      last_used integer
    ) strict`
  ]
};
