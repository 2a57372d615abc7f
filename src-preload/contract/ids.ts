import { z } from 'zod';

/**
 * Branded identifiers: all are UUIDs (RFC 9562) in lower case, so that one id has one text (and one folder, also where file
 * names have no case); a wrong kind does not compile, a malformed one does not parse.
 */
const id = <Name extends string>() => z.uuid().lowercase().brand<Name>();

export const JobId = id<'JobId'>();
export type JobId = z.infer<typeof JobId>;
export const DeviceId = id<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;
export const UserId = id<'UserId'>();
export type UserId = z.infer<typeof UserId>;
export const PrinterId = id<'PrinterId'>();
export type PrinterId = z.infer<typeof PrinterId>;
export const OrganizationId = id<'OrganizationId'>();
export type OrganizationId = z.infer<typeof OrganizationId>;
export const PairingId = id<'PairingId'>();
export type PairingId = z.infer<typeof PairingId>;
export const GrantId = id<'GrantId'>();
export type GrantId = z.infer<typeof GrantId>;
export const TokenId = id<'TokenId'>();
export type TokenId = z.infer<typeof TokenId>;
export const ApiTokenId = id<'ApiTokenId'>();
export type ApiTokenId = z.infer<typeof ApiTokenId>;
export const AuditForwardId = id<'AuditForwardId'>();
export type AuditForwardId = z.infer<typeof AuditForwardId>;
export const BadgeId = id<'BadgeId'>();
export type BadgeId = z.infer<typeof BadgeId>;
export const UserGroupId = id<'UserGroupId'>();
export type UserGroupId = z.infer<typeof UserGroupId>;
export const InvitationId = id<'InvitationId'>();
export type InvitationId = z.infer<typeof InvitationId>;
export const SsoLinkId = id<'SsoLinkId'>();
export type SsoLinkId = z.infer<typeof SsoLinkId>;
export const WebSessionId = id<'WebSessionId'>();
export type WebSessionId = z.infer<typeof WebSessionId>;
