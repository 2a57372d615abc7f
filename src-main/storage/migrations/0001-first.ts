import type { Migration } from '../migration.ts';

/** The first schema. A migration that has been released is never edited: the next change is the next file. */
export const first: Migration = {
  number: 1,
  statements: [
    `create table organization (
      one integer primary key check (one = 1),
      id text not null,
      name text not null,
      site text not null,
      coordinator text not null,
      policy text not null,
      directory_version integer not null,
      created integer not null
    ) strict`,
    `create table admin (name text primary key, password_hash text not null) strict`,
    `create table user (
      id text primary key,
      name text not null,
      name_key text not null unique,
      status text not null check (status in ('active', 'suspended')),
      pin_hash text,
      created integer not null
    ) strict`,
    `create table device (
      id text primary key,
      name text not null,
      roles text not null,
      status text not null check (status in ('approved', 'revoked')),
      signing text not null,
      sealing text not null,
      url text,
      owner text references user (id),
      certificate_expires integer not null,
      created integer not null
    ) strict`,
    `create table printer (
      id text primary key,
      name text not null,
      location text not null,
      uri text not null,
      status text not null check (status in ('pending', 'approved', 'removed')),
      grade text not null,
      certificate_sha256 text,
      certificate_subject text,
      certificate_expires integer
    ) strict`,
    `create table token (
      id text primary key,
      secret_hash text not null unique,
      roles text not null,
      uses integer not null,
      max_uses integer not null,
      expires integer not null,
      owner text references user (id),
      revoked integer not null
    ) strict`,
    `create table release_key (
      epoch integer primary key,
      public_key text not null,
      created integer not null,
      destroyed integer
    ) strict`,
    `create table release_key_secret (
      epoch integer primary key references release_key (epoch),
      wrapped blob not null
    ) strict`,
    `create table job (
      id text primary key,
      owner text not null references user (id),
      device text not null references device (id),
      size integer not null,
      created integer not null,
      expires integer not null,
      delivery_grade text not null,
      manifest text not null,
      closed text,
      state text not null,
      fence integer not null,
      printer text references printer (id),
      code text,
      updated integer not null
    ) strict`,
    `create index job_by_owner on job (owner, created)`,
    `create index job_by_device on job (device, updated)`,
    `create index job_by_age on job (created)`,
    // Only jobs that time can end: small, however many were ever printed.
    `create index job_by_expiry on job (expires) where state in ('held', 'released', 'uncertain')`,
    `create index job_open_by_device on job (device) where state in ('held', 'released', 'printing', 'uncertain')`,
    `create table job_part (job text primary key references job (id), wrapped blob not null) strict`,
    `create table holder (
      job text not null references job (id),
      node text not null references device (id),
      receipt text not null,
      erased integer,
      primary key (job, node)
    ) strict`,
    `create index holder_by_node on holder (node) where erased is null`,
    `create table erase_order (job text primary key references job (id), signed text not null) strict`,
    `create table release_grant (
      id text primary key,
      job text not null references job (id),
      node text not null references device (id),
      printer text not null references printer (id),
      user text not null references user (id),
      requested_by text not null references device (id),
      fence integer not null,
      issued integer not null,
      expires integer not null,
      state text not null,
      delivered integer not null,
      printer_job integer,
      unique (job, fence)
    ) strict`,
    `create index grant_by_expiry on release_grant (expires) where state = 'claimed'`,
    `create index grant_started on release_grant (node) where state = 'started'`,
    `create table audit (
      sequence integer primary key,
      time integer not null,
      actor text not null,
      action text not null,
      subject text not null,
      detail text not null,
      hash text not null
    ) strict`,
    `create table audit_checkpoint (sequence integer primary key, signed text not null) strict`
  ]
};
