import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { DeviceId, GrantId, JobId, OrganizationId, PrinterId, UserId } from '../../../src-preload/contract/ids.ts';
import type { Custody, JobState } from '../../../src-preload/contract/views.ts';
import { toBase64url } from '../../base/bytes.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Sealed } from '../../identity/hpke.ts';
import { generateSealingKey, generateSigningKey, sealingKey, signingKey } from '../../identity/keys.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import { type ApprovalRequest, RegisterJob } from '../../protocol/device-api.ts';
import type { Directory, DirectoryDevice } from '../../protocol/directory.ts';
import { testPolicy } from '../../protocol/testing/policy.ts';
import { openManifest } from '../../sealing/manifest.ts';
import { sealMetadataKey } from '../../sealing/metadata.ts';
import {
  openJobPart,
  organizationPart,
  sealReleasedOrganizationPart,
  sealReleaseParts
} from '../../sealing/release-parts.ts';
import type { JobNews, JobsOrganization } from '../port.ts';
import { recipientOf } from '../replicas.ts';
import type { Agreement } from '../strict-custody.ts';

/** A machine with real keys. */
export function createMachine(name: string) {
  const signing = signingKey(generateSigningKey());
  const sealing = sealingKey(generateSealingKey());
  return { id: DeviceId.parse(randomUUID()), name, signing, sealing };
}
export type Machine = ReturnType<typeof createMachine>;

export interface KnownJob {
  readonly registration: z.infer<typeof RegisterJob>;
  state: JobState;
  holders: DeviceId[];
}

/**
 * The organization as jobs see it, with a coordinator in memory that does the cryptography of the real one: opens J, derives
 * O, seals grants and title keys. PIN is 1234, one user, one printer.
 */
export function createTestOrganization(options: {
  clock: Clock;
  nodes: number;
  replicas?: number;
  quorum?: number;
  custody?: Custody;
}) {
  const { clock } = options;
  const coordinator = createMachine('coordinator');
  const releaseKey = sealingKey(generateSealingKey());
  const client = createMachine('laptop');
  const station = createMachine('kiosk');
  const nodes = Array.from({ length: options.nodes }, (_, index) => createMachine(`node ${index}`));
  const owner = UserId.parse(randomUUID());
  const printer = PrinterId.parse(randomUUID());

  const listed = (machine: Machine, role: 'client' | 'node' | 'station'): DirectoryDevice => ({
    id: machine.id,
    name: machine.name,
    roles: [role],
    status: 'approved',
    signing: toBase64url(machine.signing.publicKey),
    sealing: toBase64url(machine.sealing.publicKey),
    url: role === 'node' ? 'https://127.0.0.1:1' : null,
    owner: role === 'client' ? owner : null,
    ownerName: role === 'client' ? 'ada' : null
  });
  let directory: Directory | null = {
    version: 1,
    issued: isoTime(clock.now()),
    organization: { id: OrganizationId.parse(randomUUID()), name: 'Test' },
    site: 'main',
    coordinator: {
      id: coordinator.id,
      signing: toBase64url(coordinator.signing.publicKey),
      sealing: toBase64url(coordinator.sealing.publicKey)
    },
    coordinators: [],
    releaseKey: { epoch: 1, publicKey: toBase64url(releaseKey.publicKey) },
    policy: {
      ...testPolicy,
      replicas: options.replicas ?? 2,
      quorum: options.quorum ?? 1,
      custody: options.custody ?? 'standard'
    },
    devices: [listed(client, 'client'), listed(station, 'station'), ...nodes.map((node) => listed(node, 'node'))],
    printers: [
      {
        id: printer,
        name: 'Printer 1',
        location: '',
        uri: 'ipps://p',
        grade: 'ipps-required',
        certificateSha256: null,
        capabilities: null
      }
    ]
  };

  const online = new Set<DeviceId>(nodes.map(({ id }) => id));
  const changeListeners = new Set<() => void>();
  const jobListeners = new Set<(news: JobNews) => void>();
  const approvalListeners = new Set<(requests: readonly ApprovalRequest[]) => void>();
  const sessionListeners = new Set<(user: UserId) => void>();
  const asked = new Map<string, (sealed: Sealed | null) => void>();
  const jobs = new Map<JobId, KnownJob>();
  const calls: string[] = [];
  let connected = true;
  let fence = 0;
  let misdirected = false;
  let refuse: ((path: string) => LetterlockError | undefined) | undefined;
  const sessions = new Set<string>();

  const device = (id: DeviceId) => directory?.devices.find((each) => each.id === id && each.status === 'approved');
  const known = (job: unknown) => {
    const found = jobs.get(JobId.parse(job));
    if (!found) throw new LetterlockError('not-found', 'job');
    return found;
  };
  /** `jobPart` is empty in strict custody: the coordinator has none. */
  const parts = async (signed: Signed, sealed: Sealed | null) => {
    const manifest = openManifest(signed, client.signing.publicKey);
    const { job } = manifest;
    const custodian = { id: coordinator.id, key: coordinator.sealing };
    const jobPart = sealed ? await openJobPart(sealed, { job, custodian }) : new Uint8Array();
    return { manifest, jobPart, organizationPart: await organizationPart(releaseKey, manifest) };
  };

  const answer = async (path: string, body: Record<string, unknown>, caller: Machine): Promise<unknown> => {
    if (path === '/v1/jobs') {
      const registration = RegisterJob.parse(body);
      const { manifest } = await parts(registration.manifest, registration.jobPart);
      const holders = registration.receipts.map(({ signer }) => signer);
      const known = jobs.get(manifest.job);
      if (known) known.holders = [...new Set([...known.holders, ...holders])];
      else jobs.set(manifest.job, { registration, state: 'held', holders });
      return {};
    }
    if (path === '/v1/sessions') {
      if (body.pin !== '1234') throw new LetterlockError('pin-wrong');
      const session = randomUUID();
      sessions.add(session);
      return { session, expires: isoTime(clock.now() + 120_000), user: { id: owner, name: 'ada' } };
    }
    const [, grantId] = /^\/v1\/approvals\/(.+)$/.exec(path) ?? [];
    if (grantId) {
      asked.get(grantId)?.(body.jobPart as Sealed | null);
      return {};
    }
    if (path === '/v1/sessions/end') return sessions.delete(String(body.session)) && {};
    const [, job, what] = /^\/v1\/jobs\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (what === 'cancel') {
      known(job).state = 'canceled';
      return {};
    }
    if (what === 'holders') {
      known(job).holders.push((body.receipt as Signed).signer);
      return {};
    }
    if (!sessions.has(String(body.session))) throw new LetterlockError('session-expired');
    if (path === '/v1/sessions/jobs') {
      const list = [...jobs].map(async ([id, { registration, state, holders }]) => {
        const { manifest, jobPart } = await parts(registration.manifest, registration.jobPart);
        const reader = { id: caller.id, sealingPublicKey: caller.sealing.publicKey };
        const { size, created, expires, custody } = manifest;
        const metadataKey = custody === 'strict' ? null : await sealMetadataKey(jobPart, { job: id, reader });
        return { id, state, size, created, expires, holders, custody, metadataKey };
      });
      return { jobs: await Promise.all(list) };
    }
    if (path === '/v1/grants') return grant(body, caller);
    if (what === 'ticket') return {};
    throw new LetterlockError('not-found', path);
  };

  const grant = async (body: Record<string, unknown>, caller: Machine) => {
    const job = known(body.job);
    if (job.state === 'completed') throw new LetterlockError('job-already-released');
    const node = device(DeviceId.parse(body.node));
    if (!node) throw new LetterlockError('device-not-approved');
    const id = GrantId.parse(randomUUID());
    const opened = await parts(job.registration.manifest, job.registration.jobPart);
    const signed = await signStatement(
      'grant',
      {
        id,
        job: opened.manifest.job,
        node: node.id,
        printer: misdirected ? randomUUID() : body.printer,
        user: owner,
        requestedBy: caller.id,
        fence: ++fence,
        issued: isoTime(clock.now()),
        expires: isoTime(clock.now() + 30_000)
      },
      { id: coordinator.id, key: coordinator.signing }
    );
    const to = { job: opened.manifest.job, grant: id, node: recipientOf(node) };
    if (opened.manifest.custody === 'standard') return { grant: signed, parts: await sealReleaseParts(opened, to) };
    return {
      grant: signed,
      parts: await sealReleasedOrganizationPart(opened.organizationPart, to),
      ...(caller === client || body.ticket
        ? {}
        : { jobPart: await approval({ ...to, node: node.id, printer: PrinterId.parse(body.printer) }) })
    };
  };
  /** Asks the laptop, as the real coordinator does. */
  const approval = ({ grant, job, node, printer }: Agreement) =>
    new Promise<Sealed>((resolve, reject) => {
      const expires = isoTime(clock.now() + 120_000);
      const request = { id: grant, job, node, printer, requestedBy: station.id, expires };
      asked.set(grant, (sealed) => {
        asked.delete(grant);
        for (const listener of approvalListeners) listener([]);
        if (sealed) resolve(sealed);
        else reject(new LetterlockError('approval-declined'));
      });
      for (const listener of approvalListeners) listener([request]);
    });

  const asSeenBy = (caller: Machine): JobsOrganization => ({
    directory: () => directory,
    online: () => online,
    connected: () => connected,
    device,
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    onJob(listener) {
      jobListeners.add(listener);
      return () => jobListeners.delete(listener);
    },
    onApprovals(listener) {
      approvalListeners.add(listener);
      return () => approvalListeners.delete(listener);
    },
    onSessionEnded(listener) {
      sessionListeners.add(listener);
      return () => sessionListeners.delete(listener);
    },
    async call<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.infer<Schema>> {
      if (!connected) throw new LetterlockError('coordinator-unreachable');
      calls.push(path);
      const refused = refuse?.(path);
      if (refused) throw refused;
      return schema.parse(await answer(path, body as Record<string, unknown>, caller));
    }
  });

  return {
    client,
    station,
    coordinator,
    /** Its grants name another printer than the one asked for. */
    set misdirect(to: boolean) {
      misdirected = to;
    },
    nodes,
    printer,
    owner,
    jobs,
    calls,
    online,
    sessions,
    asSeenBy,
    device,
    /** J and O of a registered job. */
    parts: (job: JobId) => parts(known(job).registration.manifest, known(job).registration.jobPart),
    /** What the coordinator refuses, by path. */
    refuse(by: typeof refuse) {
      refuse = by;
    },
    connect(now: boolean) {
      connected = now;
      for (const listener of changeListeners) listener();
    },
    change(next: (directory: Directory) => Directory | null = (same) => same) {
      directory = directory && next(directory);
      for (const listener of changeListeners) listener();
    },
    tell(news: JobNews) {
      for (const listener of jobListeners) listener(news);
    }
  };
}
export type TestOrganization = ReturnType<typeof createTestOrganization>;
