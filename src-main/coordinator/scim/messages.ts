import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { UserId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import type { UserRecord } from '../store.ts';
import type { UserGroupRecord } from '../users/tables.ts';

/** Resources and messages of SCIM 2.0 (RFC 7643, RFC 7644), as far as Letterlock has something to say about them. */
export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error'
} as const;

/** RFC 7644, section 3.12. */
export class ScimError extends Error {
  constructor(
    readonly status: number,
    readonly scimType: string | undefined,
    message: string
  ) {
    super(message);
  }
}
export const invalid = (scimType: string, detail: string): ScimError => new ScimError(400, scimType, detail);

/** Some directories write booleans as text. */
export const Yes = z.union([
  z.boolean(),
  z.stringFormat('boolean', /^(true|false)$/i).transform((text) => /true/i.test(text))
]);
const Text = z.string().trim().min(1).max(128);
const Emails = z
  .array(z.looseObject({ value: z.email().max(254), primary: Yes.optional() }))
  .max(16)
  .nullish();

/** What is sent of a user. Attributes that Letterlock does not keep are taken and left alone (RFC 7644, section 3.3). */
export const UserBody = z.looseObject({
  userName: Text,
  externalId: Text.nullish(),
  active: Yes.nullish(),
  emails: Emails
});
export type UserBody = z.infer<typeof UserBody>;
const Member = z.looseObject({ value: z.string().max(128) });
export const GroupBody = z.looseObject({
  displayName: Text,
  externalId: Text.nullish(),
  members: z.array(Member).max(50_000).nullish()
});
export type GroupBody = z.infer<typeof GroupBody>;

export interface Resource {
  readonly id: string;
  readonly externalId?: string;
  readonly meta: { readonly version: string } & Readonly<Record<string, string>>;
  readonly [attribute: string]: unknown;
}

export function userResource(base: string, user: UserRecord, groups: readonly UserGroupRecord[]): Resource {
  return withVersion(base, 'User', user.created, {
    schemas: [urn.user],
    id: user.id,
    ...(user.externalId === null ? {} : { externalId: user.externalId }),
    userName: user.name,
    active: user.status === 'active',
    ...(user.email === null ? {} : { emails: [{ value: user.email, type: 'work', primary: true }] }),
    groups: groups.map(({ id, name }) => ({ value: id, display: name, $ref: `${base}/Groups/${id}` }))
  });
}

export function groupResource(base: string, group: UserGroupRecord, members: readonly UserId[]): Resource {
  return withVersion(base, 'Group', group.created, {
    schemas: [urn.group],
    id: group.id,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    displayName: group.name,
    members: members.map((id) => ({ value: id, type: 'User', $ref: `${base}/Users/${id}` }))
  });
}

type Content = Omit<Resource, 'meta'> & { readonly id: string };

/** The version is of the content, so that nothing has to be counted (RFC 7644, section 3.14). */
function withVersion(base: string, resourceType: string, created: number, content: Content): Resource {
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
  const location = `${base}/${resourceType}s/${content.id}`;
  return { ...content, meta: { resourceType, created: isoTime(created), location, version: `W/"${digest}"` } };
}
