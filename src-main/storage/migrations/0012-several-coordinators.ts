import type { Migration } from '../migration.ts';

/** What several coordinators over one database share that one alone kept in its memory. */
export const severalCoordinators: Migration = {
  number: 12,
  statements: [
    `create table station_session (
      token_hash text primary key,
      user_id text not null references "user" (id),
      device text not null references device (id),
      expires integer not null
    ) strict`,
    `create index station_session_by_user on station_session (user_id)`,
    `create index station_session_by_device on station_session (device)`,
    `create index station_session_by_expiry on station_session (expires)`,
    `create table coordinator (
      url text primary key,
      pairing_url text not null,
      web_url text not null,
      since integer not null
    ) strict`,
    `create table signed_directory (
      one integer primary key check (one = 1),
      version integer not null,
      signed text not null
    ) strict`
  ]
};
