import type { DeviceIdentity } from '../identity/device-identity.ts';
import { keepCertificate } from '../organization/certificate-renewal.ts';
import { connectOrganization, type Organization } from '../organization/organization.ts';
import type { RoleContext } from './role.ts';

/** What every paired role begins with: its connection to the coordinator, and a certificate that does not run out. */
export async function joinOrganization(context: RoleContext, identity: DeviceIdentity): Promise<Organization> {
  const { lifecycle } = context;
  const organization = await connectOrganization({ ...context, identity });
  lifecycle.add('coordinator connection', () => organization.close());
  lifecycle.add('certificate renewal', keepCertificate({ ...context, identity, organization }));
  return organization;
}
