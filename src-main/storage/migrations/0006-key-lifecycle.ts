import type { Migration } from '../migration.ts';

/** What is suspended, which release key a job needs, and how often a new one is made. */
export const keyLifecycle: Migration = {
  number: 6,
  statements: [
    `create table suspension (subject text primary key, since integer not null) strict`,
    `alter table job add column epoch integer`,
    `create index job_by_epoch on job (epoch, state)`,
    `alter table organization add column key_rotation_days integer not null default 90`
  ]
};
