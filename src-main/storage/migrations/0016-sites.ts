import type { Migration } from '../migration.ts';

const own = (table: string): string[] => [
  `alter table ${table} add column site text not null default 'main'`,
  `update ${table} set site = (select site from organization)`
];

/** Sites, and what belongs to them: all that is there to the organization's first. */
export const sites: Migration = {
  number: 16,
  statements: [
    `create table site (
      id text primary key,
      name text not null,
      created integer not null
    ) strict`,
    `insert into site (id, name, created) select site, 'Main site', created from organization`,
    ...['device', 'printer', 'token', 'release_key', 'offline_key'].flatMap(own),
    `alter table device add column moved_from text`,
    `alter table device add column moved integer`
  ]
};
