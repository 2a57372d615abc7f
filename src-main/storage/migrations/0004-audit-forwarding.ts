import type { Migration } from '../migration.ts';

/** Searching in the audit log, and who else is sent it. */
export const auditForwarding: Migration = {
  number: 4,
  statements: [
    `create index audit_by_actor on audit (actor, sequence)`,
    `create index audit_by_subject on audit (subject, sequence)`,
    `create index audit_by_time on audit (time)`,
    `create table audit_forward (
      id text primary key,
      name text not null,
      target text not null,
      secret blob,
      created integer not null,
      sequence integer not null
    ) strict`
  ]
};
