import type { AdminRole, Input, Output } from '../../../../src-preload/contract/index.ts';

type Settings = NonNullable<Output<'admin.sso.get'>>;
type Change = Input<'admin.sso.set'>;

/** The settings as a form holds them: lists as texts, one entry a line. */
export const draftOf = (settings: Settings | null) => ({
  name: settings?.name ?? '',
  issuer: settings?.issuer ?? '',
  clientId: settings?.clientId ?? '',
  secret: '',
  withSecret: settings?.hasSecret ?? true,
  authority: settings?.authority ?? '',
  scopes: settings?.scopes.join(' ') ?? '',
  nameClaim: settings?.nameClaim ?? 'preferred_username',
  groupsClaim: settings?.groupsClaim ?? 'groups',
  allowedDomains: settings?.allowedDomains.join('\n') ?? '',
  userGroups: settings?.userGroups.join('\n') ?? '',
  owner: groupsWith(settings, 'owner'),
  operator: groupsWith(settings, 'operator'),
  auditor: groupsWith(settings, 'auditor'),
  createUsers: settings?.createUsers ?? false,
  linkByEmail: settings?.linkByEmail ?? false
});
export type SsoDraft = ReturnType<typeof draftOf>;

export const adminRoles = ['owner', 'operator', 'auditor'] as const;

const groupsWith = (settings: Settings | null, wanted: AdminRole) =>
  (settings?.adminGroups ?? []).flatMap(({ group, role }) => (role === wanted ? group : [])).join('\n');
const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** What is sent. A secret that was not typed stays as it is, where there is one. */
export const changeOf = (draft: SsoDraft): Change => {
  const { secret, withSecret, authority, scopes, allowedDomains, userGroups } = draft;
  const { name, issuer, clientId, nameClaim, groupsClaim, createUsers, linkByEmail } = draft;
  return {
    ...{ name, nameClaim, groupsClaim, createUsers, linkByEmail },
    issuer: issuer.trim(),
    clientId: clientId.trim(),
    authority: authority.trim() || null,
    scopes: scopes.split(/\s+/).filter(Boolean),
    allowedDomains: lines(allowedDomains),
    userGroups: lines(userGroups),
    adminGroups: adminRoles.flatMap((role) => lines(draft[role]).map((group) => ({ group, role }))),
    ...(withSecret ? secret !== '' && { clientSecret: secret } : { clientSecret: null })
  };
};
