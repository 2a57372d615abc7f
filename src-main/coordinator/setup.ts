import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { PolicyView } from '../../src-preload/contract/index.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import { hashPassword } from '../identity/passwords.ts';
import type { Perform } from './act.ts';
import type { CoordinatorIdentity } from './identity.ts';
import type { ReleaseKeys } from './release-keys.ts';

/** The first start: the organization, its first site with its release key and its first administrator, all or nothing. */
export const adminUser = 'admin';
export const adminPasswordFile = (dataDir: string): string => join(dataDir, 'admin-password');

const site = { id: 'main', name: 'Main site' };
const firstPolicy: PolicyView = {
  replicas: 2,
  holdHours: 24,
  deliveryGrade: 'ipps-required',
  jobNames: 'shown',
  sharedPrinters: false,
  badges: 'off',
  custody: 'standard',
  offlineHours: 0,
  quorum: 1,
  cloudNodes: 'deny'
};

export async function setUpOrganization(options: {
  readonly dataDir: string;
  readonly organizationName: string;
  readonly identity: CoordinatorIdentity;
  readonly releaseKeys: ReleaseKeys;
  readonly perform: Perform;
  readonly now: number;
}): Promise<void> {
  const { dataDir, organizationName, identity, releaseKeys, perform, now } = options;
  const password = randomBytes(18).toString('base64url');
  // Before the account exists: a start that is cut short here writes another one next time.
  await writeFileAtomic(adminPasswordFile(dataDir), utf8(`${password}\n`));
  const passwordHash = await hashPassword(password);

  await perform('coordinator', async ({ tables, record }) => {
    await tables.organization.insert({
      id: identity.organization,
      name: organizationName,
      site: site.id,
      coordinator: identity.id,
      policy: firstPolicy,
      created: now
    });
    await tables.sites.insert({ ...site, created: now });
    await tables.policies.insert({
      ...{ version: 1, created: now, author: 'coordinator', reason: '' },
      ...{ settings: firstPolicy, rules: [] }
    });
    await tables.admins.insert({
      name: adminUser,
      role: 'owner',
      passwordHash,
      password: 'initial',
      totp: null,
      created: now,
      lastSignIn: null
    });
    const epoch = await releaseKeys.rotate(tables, site.id, now);
    record('organization.created', identity.organization, { name: organizationName });
    record('admin.added', adminUser);
    record('key.created', `epoch ${epoch}`, { site: site.id });
  });
}
