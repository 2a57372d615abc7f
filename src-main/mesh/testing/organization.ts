import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { DeviceId, GrantId, JobId, OrganizationId, type PrinterId, UserId } from '../../../src-preload/contract/ids.ts';
import type { PolicyRule } from '../../../src-preload/contract/policy-views.ts';
import type { Custody, PolicyView, Role } from '../../../src-preload/contract/views.ts';
import { toBase64url } from '../../base/bytes.ts';
import { isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { createAuthority } from '../../identity/certificate-authority.ts';
import { createCertificateRequest, readCertificateRequest } from '../../identity/certificate-request.ts';
import { issueDeviceCertificate } from '../../identity/device-certificate.ts';
import { createDeviceKeys, type DeviceIdentity, saveEnrollment } from '../../identity/device-identity.ts';
import { keyDescriptor, keyDescriptorDigest } from '../../identity/key-descriptor.ts';
import { generateSealingKey, generateSigningKey, sealingKey, signingKey } from '../../identity/keys.ts';
import { plainSecrets } from '../../identity/safe-secret.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import type { Organization } from '../../organization/organization.ts';
import type { EraseOrder, Grant, GrantBundle } from '../../protocol/device-api.ts';
import type { Directory, DirectoryDevice, DirectoryPrinter } from '../../protocol/directory.ts';
import { testPolicy } from '../../protocol/testing/policy.ts';
import { openManifest } from '../../sealing/manifest.ts';
import type { JobMetadata } from '../../sealing/metadata.ts';
import {
  openJobPart,
  organizationPart,
  sealReleasedJobPart,
  sealReleasedOrganizationPart,
  sealReleaseParts
} from '../../sealing/release-parts.ts';
import { beginSealedJob } from '../../sealing/sealed-job.ts';

/** A call to the coordinator, as a device made it. */
export interface CoordinatorCall {
  readonly from: DeviceId;
  readonly path: string;
  readonly body: unknown;
}

/**
 * An organization with real keys, certificates and statements, whose coordinator is a function. Not for anything shipped.
 */
export async function createTestOrganization() {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-organization-'));
  const organization = { id: OrganizationId.parse(randomUUID()), name: 'Test' };
  const authority = await createAuthority({ organization, now: Date.now() });
  const coordinator = {
    id: DeviceId.parse(randomUUID()),
    signing: signingKey(generateSigningKey()),
    sealing: sealingKey(generateSealingKey())
  };
  const releaseKey = sealingKey(generateSealingKey());
  const devices = new Map<DeviceId, DirectoryDevice>();
  const printers: DirectoryPrinter[] = [];
  const policy: Pick<PolicyView, 'jobNames' | 'offlineHours' | 'cloudNodes'> = {
    ...{ jobNames: 'shown', offlineHours: 0, cloudNodes: 'deny' }
  };
  const rules: PolicyRule[] = [];
  const calls: CoordinatorCall[] = [];
  const waiting: { matches: (call: CoordinatorCall) => boolean; resolve: (call: CoordinatorCall) => void }[] = [];
  const changed = new Set<() => void>();
  const eraseListeners = new Set<(order: EraseOrder, signed: Signed) => void>();
  const coordinatorState = { connected: true, answer: (_call: CoordinatorCall): unknown => ({}) };

  const statement = (kind: string, value: unknown) =>
    signStatement(kind, value, { id: coordinator.id, key: coordinator.signing });

  return {
    organization,
    authority,
    coordinator,
    policy,
    rules,
    devices,
    printers,
    calls,
    coordinatorState,
    /** Resolves with the first call to this path, made already or later. */
    called: (path: RegExp): Promise<CoordinatorCall> =>
      new Promise((resolve) => {
        const made = calls.find((call) => path.test(call.path));
        if (made) resolve(made);
        else waiting.push({ matches: (call) => path.test(call.path), resolve });
      }),
    change: () => {
      for (const listener of changed) listener();
    },

    async enroll(
      name: string,
      roles: Role[],
      options: { days?: number; listed?: boolean; dataDir?: string } = {}
    ): Promise<DeviceIdentity> {
      const id = DeviceId.parse(randomUUID());
      const keys = await createDeviceKeys();
      const publicKeys = { signing: signingKey(keys.signing).publicKey, sealing: sealingKey(keys.sealing).publicKey };
      const csrPem = createCertificateRequest({ privateKeyPem: keys.tlsPrivateKeyPem, name });
      const certificate = issueDeviceCertificate({
        authority,
        publicKeyPem: readCertificateRequest(csrPem).publicKeyPem,
        device: id,
        organization: organization.id,
        descriptorSha256: keyDescriptorDigest(keyDescriptor(publicKeys)),
        name,
        now: Date.now(),
        ...(options.days === undefined ? {} : { days: options.days })
      });
      if (options.listed !== false) {
        devices.set(id, {
          id,
          name,
          roles,
          status: 'approved',
          signing: toBase64url(publicKeys.signing),
          sealing: toBase64url(publicKeys.sealing),
          url: null,
          owner: null,
          ownerName: null
        });
      }
      return saveEnrollment({
        dataDir: options.dataDir ?? (await mkdtemp(join(folder, 'device-'))),
        secrets: plainSecrets,
        keys,
        enrollment: {
          device: id,
          name,
          roles,
          certificate,
          authority: authority.certificatePem,
          organization,
          coordinator: {
            id: coordinator.id,
            url: 'https://127.0.0.1:1',
            signing: toBase64url(coordinator.signing.publicKey),
            sealing: toBase64url(coordinator.sealing.publicKey)
          }
        }
      });
    },

    update(id: DeviceId, change: Partial<DirectoryDevice>) {
      const device = devices.get(id);
      if (device) devices.set(id, { ...device, ...change });
      for (const listener of changed) listener();
    },

    /** What one device knows. */
    view(identity: DeviceIdentity): Organization {
      return {
        directory: (): Directory => ({
          version: 1,
          issued: isoTime(Date.now()),
          organization,
          site: 'main',
          coordinator: {
            id: coordinator.id,
            signing: toBase64url(coordinator.signing.publicKey),
            sealing: toBase64url(coordinator.sealing.publicKey)
          },
          coordinators: [],
          releaseKey: { epoch: 1, publicKey: toBase64url(releaseKey.publicKey) },
          policy: { ...testPolicy, ...policy },
          rules: { version: 1, list: rules },
          devices: [...devices.values()],
          printers
        }),
        online: () => new Set(devices.keys()),
        connected: () => coordinatorState.connected,
        verifiedAt: () => Date.now(),
        device: (id) => {
          const device = devices.get(id);
          return device?.status === 'approved' ? device : undefined;
        },
        onChange(listener) {
          changed.add(listener);
          return () => changed.delete(listener);
        },
        onErase(listener) {
          eraseListeners.add(listener);
          return () => eraseListeners.delete(listener);
        },
        onJob: () => () => {},
        onApprovals: () => () => {},
        onSessionEnded: () => () => {},
        onAuditCheckpoint: () => () => {},
        async call<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema) {
          if (!coordinatorState.connected) throw new LetterlockError('coordinator-unreachable');
          const call = { from: identity.id, path, body };
          const answer = schema.parse(coordinatorState.answer(call));
          calls.push(call);
          for (const each of waiting.filter(({ matches }) => matches(call))) each.resolve(call);
          return answer;
        },
        announce: () => {},
        close: () => {}
      };
    },

    /** Orders the erasure of a job, as the coordinator would. */
    async erase(job: JobId, reason: EraseOrder['reason'], signer = coordinator) {
      const order: EraseOrder = { job, reason, at: isoTime(Date.now()) };
      const signed = await signStatement('erase', order, { id: signer.id, key: signer.signing });
      for (const listener of eraseListeners) listener(order, signed);
    },

    /** A whole sealed job with everything that somebody needs to store and to release it. */
    async seal(client: DeviceIdentity, document: Uint8Array, options: SealOptions = {}) {
      const job = options.job ?? JobId.parse(randomUUID());
      const created = options.created ?? Date.now();
      const origin = { job, device: client.id, owner: options.owner ?? UserId.parse(randomUUID()), site: 'main' };
      const sealing = beginSealedJob({
        job,
        organization: organization.id,
        site: 'main',
        owner: origin.owner,
        device: { id: client.id, signingKey: client.signing },
        releaseKey: { epoch: 1, publicKey: releaseKey.publicKey },
        created,
        expires: options.expires ?? created + 3_600_000,
        custody: options.custody ?? 'standard',
        deliveryGrade: options.deliveryGrade ?? 'ipps-required'
      });
      const body = Buffer.alloc(sealing.blob.sealedBound(document.length));
      const bodyLength = sealing.blob.update(document, body);
      const last = Buffer.alloc(sealing.blob.sealedBound(0));
      const lastLength = sealing.blob.final(last);
      const blob = Buffer.concat([sealing.blob.header, body.subarray(0, bodyLength), last.subarray(0, lastLength)]);
      const { manifest, metadata } = await sealing.finish({
        v: 2,
        title: 'Confidential',
        attributes: '',
        documents: [{ format: 'application/pdf', size: document.length, facts: {} }],
        ...options.metadata
      });
      const strict = options.custody === 'strict';
      const jobPart = await openJobPart(
        await sealing.sealJobPartFor({ id: coordinator.id, sealingPublicKey: coordinator.sealing.publicKey }),
        { job, custodian: { id: coordinator.id, key: coordinator.sealing } }
      );
      const commitFor = async (node: DeviceIdentity) => ({
        manifest,
        metadata: toBase64url(metadata),
        sealedKey: await sealing.wrapFor({ id: node.id, sealingPublicKey: node.sealing.publicKey })
      });

      /** A grant as the coordinator would give it; `change` to make it a wrong one. */
      const grantFor = async (
        { node, printer, requestedBy }: { node: DeviceIdentity; printer: PrinterId; requestedBy: DeviceId },
        change: Partial<Grant> = {},
        sign = statement
      ): Promise<GrantBundle & { value: Grant }> => {
        const value: Grant = {
          id: GrantId.parse(randomUUID()),
          job,
          node: node.id,
          printer,
          user: UserId.parse(randomUUID()),
          requestedBy,
          fence: 1,
          issued: isoTime(Date.now()),
          expires: isoTime(Date.now() + 30_000),
          ...change
        };
        const parts = {
          jobPart,
          organizationPart: await organizationPart(releaseKey, openManifest(manifest, client.signing.publicKey))
        };
        const to = { job, grant: value.id, node: { id: node.id, sealingPublicKey: node.sealing.publicKey } };
        const grant = await sign('grant', value);
        if (!strict) return { value, grant, parts: await sealReleaseParts(parts, to) };
        return {
          value,
          grant,
          parts: await sealReleasedOrganizationPart(parts.organizationPart, to),
          jobPart: await sealReleasedJobPart(jobPart, { ...to, printer })
        };
      };
      return { job, origin, blob, manifest, metadata, commitFor, grantFor };
    },

    close: () => rm(folder, { recursive: true, force: true })
  };
}
export type TestOrganization = Awaited<ReturnType<typeof createTestOrganization>>;
export type SealedTestJob = Awaited<ReturnType<TestOrganization['seal']>>;

interface SealOptions {
  readonly job?: JobId;
  readonly owner?: UserId;
  readonly created?: number;
  readonly expires?: number;
  readonly deliveryGrade?: 'ipps-required' | 'ipps-preferred' | 'plain-allowed';
  readonly metadata?: Partial<JobMetadata>;
  readonly custody?: Custody;
}
