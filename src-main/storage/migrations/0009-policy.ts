import type { Migration } from '../migration.ts';

/** The policy in versions, beginning with what was set until now, and the pages that were printed under it. */
export const policyVersions: Migration = {
  number: 9,
  statements: [
    `create table policy_version (
      version integer primary key,
      created integer not null,
      author text not null,
      reason text not null,
      settings text not null,
      rules text not null
    ) strict`,
    `insert into policy_version (version, created, author, reason, settings, rules)
      select 1, created, 'coordinator', '', policy, '[]' from organization`,
    `create table page_count (
      grant_id text primary key references release_grant (id),
      job text not null,
      user_id text not null,
      printer text not null,
      month text not null,
      pages integer,
      counted_by text,
      color integer not null,
      cost integer not null
    ) strict`,
    `create index page_count_by_month on page_count (month, user_id)`
  ]
};
