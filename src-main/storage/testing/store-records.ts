import { randomUUID } from 'node:crypto';
import type {
  DeviceId,
  GrantId,
  JobId,
  OrganizationId,
  PrinterId,
  TokenId,
  UserId
} from '../../../src-preload/contract/index.ts';
import type { CoordinatorStore, DeviceRecord, GrantRecord, JobRecord, TokenRecord } from '../../coordinator/store.ts';
import { testPolicy } from '../../protocol/testing/policy.ts';

/** Records of each kind, as tests of databases put them in. */

/** A job of a user with a device, all of them in the database. */
export async function owned(store: CoordinatorStore): Promise<JobRecord> {
  const job: JobRecord = {
    id: randomUUID() as JobId,
    owner: randomUUID() as UserId,
    device: randomUUID() as DeviceId,
    size: 5_000_000_000,
    created: 1,
    expires: 1000,
    deliveryGrade: 'ipps-required',
    epoch: 1,
    manifest: 'm',
    closed: null,
    state: 'held',
    fence: 0,
    printer: null,
    code: null,
    updated: 1
  };
  await store.transaction(async ({ users, devices, jobs }) => {
    await users.insert({ ...person, id: job.owner });
    await devices.insert(device(job));
    await jobs.insert(job);
  });
  return job;
}

export const person = {
  name: 'Ada',
  nameKey: 'ada',
  email: null,
  externalId: null,
  status: 'active',
  pinHash: null,
  created: 1,
  expires: null,
  host: null
} as const;

export const bytes = new Uint8Array([0, 1, 2, 253, 254, 255]);

export const device = (job: JobRecord): DeviceRecord => ({
  id: job.device,
  name: 'Ada’s laptop \u{1f5a8} "\\\' $1 ?',
  roles: ['client', 'node'],
  status: 'approved',
  signing: 's',
  sealing: 'x',
  url: null,
  cloud: true,
  owner: job.owner,
  certificateExpires: 2_000_000_000_000,
  certificateAuthority: null,
  created: 1,
  site: 'main',
  movedFrom: null,
  moved: null
});

export const printer = {
  id: randomUUID() as PrinterId,
  name: 'Front desk',
  location: '',
  uri: 'ipps://printer.example/ipp/print',
  status: 'approved',
  grade: 'ipps-required',
  certificateSha256: null,
  certificateSubject: null,
  certificateExpires: null,
  capabilities: null,
  site: 'main'
} as const;

export const grantOf = (job: JobRecord): GrantRecord => ({
  id: randomUUID() as GrantId,
  job: job.id,
  node: job.device,
  printer: printer.id,
  user: job.owner,
  requestedBy: job.device,
  fence: 1,
  issued: 1_700_000_000_000,
  expires: 1_700_000_030_000,
  state: 'started',
  delivered: true,
  printerJob: 2_147_483_647
});

export const tokenOf = (maxUses: number): TokenRecord => ({
  id: randomUUID() as TokenId,
  secretHash: randomUUID(),
  roles: ['client', 'node'],
  uses: 0,
  maxUses,
  expires: 10,
  owner: null,
  revoked: false,
  cloud: true,
  site: 'north'
});

export const organization = {
  id: randomUUID() as OrganizationId,
  name: 'Test',
  site: 'main',
  coordinator: randomUUID() as DeviceId,
  policy: { ...testPolicy, epoch: 1 },
  created: 1
} as const;
