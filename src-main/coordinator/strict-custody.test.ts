import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PrinterId } from '../../src-preload/contract/index.ts';
import { sealingKey } from '../identity/keys.ts';
import { type ApprovalRequest, GrantBundle, Session, SessionJob } from '../protocol/device-api.ts';
import { openJobPart, openReleasedParts, sealReleasedJobPart } from '../sealing/release-parts.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from './testing/rig.ts';

const none = z.object({});
const pin = '4711';

let rig: Rig;
let client: TestDevice;
let station: TestDevice;
let node: TestDevice;
let printer: PrinterId;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
  const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
  printer = (await handlers['admin.printer.add'](address, actor)).id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers['admin.printer.approve'](approval, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  station = await rig.pair('kiosk', ['station']);
  node = await rig.pair('node', ['node']);
  await handlers['admin.policy.set']({ custody: 'strict' }, actor);
  await until(client.organization, () => client.organization.device(node.id) !== undefined);
  await until(client.organization, () => client.organization.directory()?.policy.custody === 'strict');
}, 120_000);
afterAll(() => rig.close());
beforeEach(() => until(client.organization, () => client.organization.online().has(client.id)));

const seal = (custody: 'strict' | 'standard' = 'strict') =>
  sealJob({ client, nodes: [node], now: rig.clock.now(), change: { custody } });
async function register() {
  const job = await seal();
  await client.organization.call('/v1/jobs', job.request, none);
  return job;
}
const signIn = async (at: TestDevice) =>
  (await at.organization.call('/v1/sessions', { user: 'Ada', pin }, Session)).session;
async function claim(job: JobId, { at = station, signal = new AbortController().signal } = {}) {
  const body = { session: await signIn(at), job, printer, node: node.id };
  return at.organization.call('/v1/grants', body, GrantBundle, { signal });
}
/** The next list of questions on the laptop that is as wanted. */
const asked = (wanted: (requests: readonly ApprovalRequest[]) => boolean = ({ length }) => length > 0) =>
  new Promise<ApprovalRequest>((resolve) => {
    const off = client.organization.onApprovals((requests) => {
      if (!wanted(requests)) return;
      queueMicrotask(() => off());
      resolve(requests[0] as ApprovalRequest);
    });
  });
const answer = (id: string, jobPart: unknown, from = client) =>
  from.organization.call(`/v1/approvals/${id}`, { jobPart }, none);
async function letGo(job: Awaited<ReturnType<typeof seal>>, { id: grant, printer: to }: ApprovalRequest) {
  const custodian = { id: client.id, key: client.identity.sealing };
  const jobPart = await openJobPart(job.jobPart, { job: job.id, custodian });
  const recipient = { id: node.id, sealingPublicKey: node.identity.sealing.publicKey };
  return sealReleasedJobPart(jobPart, { job: job.id, grant, printer: to, node: recipient });
}
const refused = (code: string) => expect.objectContaining({ code });
const auditOf = async (subject: string) =>
  (await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor))
    .filter((row) => row.subject === subject)
    .map(({ action, actor: by }) => `${action} ${by.split(':')[0]}`);

describe('a job in strict custody', () => {
  test('prints at a station with its owner’s word, and the coordinator has nothing that opens it', async () => {
    const job = await register();
    const body = { session: await signIn(station) };
    const { jobs } = await station.organization.call(
      '/v1/sessions/jobs',
      body,
      z.object({ jobs: z.array(SessionJob) })
    );
    expect(jobs.find(({ id }) => id === job.id)).toMatchObject({ custody: 'strict', metadataKey: null });

    const question = asked();
    const granted = claim(job.id);
    const request = await question;
    expect(request).toMatchObject({ job: job.id, node: node.id, printer, requestedBy: station.id });
    const word = await letGo(job, request);
    await expect(answer(request.id, word, station)).rejects.toEqual(refused('not-allowed'));
    await answer(request.id, word);
    const { parts, jobPart } = await granted;
    if (!jobPart) throw new Error('no job part');
    const own = { id: node.id, key: node.identity.sealing };
    const sealed = { organizationPart: parts, jobPart };
    const under = { job: job.id, grant: request.id, printer };
    const opened = await openReleasedParts(sealed, { ...under, node: own });
    expect([opened.jobPart.length, opened.organizationPart.length]).toEqual([32, 32]);

    const keyFile = await readFile(join(rig.dataDir, 'keys', 'sealing.key'));
    const coordinator = { id: client.identity.enrollment.coordinator.id, key: sealingKey(keyFile) };
    for (const id of [coordinator.id, node.id, client.id]) {
      const pretender = { ...coordinator, id };
      await expect(openReleasedParts(sealed, { ...under, node: pretender })).rejects.toThrow();
      await expect(openJobPart(job.jobPart, { job: job.id, custodian: pretender })).rejects.toThrow();
    }
    const files = await readdir(rig.dataDir, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp')))
      expect((await readFile(join(file.parentPath, file.name))).includes(Buffer.from(opened.jobPart))).toBe(false);
    expect(await auditOf(job.id)).toEqual([
      'job.registered device',
      'job.replicated device',
      'release.asked user',
      'release.approved device',
      'job.released user'
    ]);
  });

  test('is granted to its own device at once, with the organization’s part alone', async () => {
    const job = await register();
    expect(await claim(job.id, { at: client })).not.toHaveProperty('jobPart');
  });

  test('is refused, held and free again when its owner declines, is silent or goes away', async () => {
    const job = await register();
    const cases: [string, (id: string) => unknown][] = [
      ['approval-declined', (id) => answer(id, null)],
      ['approval-expired', () => rig.clock.advance(120_001)],
      ['approval-unavailable', () => client.organization.close()]
    ];
    for (const [code, happens] of cases) {
      const question = asked();
      const granted = claim(job.id);
      granted.catch(() => {});
      const { id } = await question;
      await expect(claim(job.id)).rejects.toEqual(refused('job-in-progress'));
      await happens(id);
      await expect(granted).rejects.toEqual(refused(code));
    }
    await expect(claim(job.id)).rejects.toEqual(refused('approval-unavailable'));
    await client.reconnect();
    const question = asked();
    const granted = claim(job.id);
    const request = await question;
    await answer(request.id, await letGo(job, request));
    expect(await granted).toHaveProperty('jobPart');
    await expect(answer(request.id, null)).rejects.toEqual(refused('not-found'));
  });

  test('is not asked about any more when the one who asked has left, nor when it could not be granted', async () => {
    const job = await register();
    const leaving = new AbortController();
    const question = asked();
    const granted = claim(job.id, { signal: leaving.signal });
    granted.catch(() => {});
    const { id } = await question;
    const over = asked(({ length }) => length === 0);
    leaving.abort();
    await over;
    await expect(answer(id, null)).rejects.toEqual(refused('not-found'));
    await rig.coordinator.handlers['admin.job.cancel']({ id: job.id }, actor);
    await expect(claim(job.id)).rejects.toEqual(refused('job-not-releasable'));
    expect((await auditOf(job.id)).filter((row) => row.startsWith('release.asked'))).toHaveLength(1);
    expect(await auditOf(job.id)).toContain('job.erase-ordered admin');
  });

  test('is let go with a ticket that its owner took on its own device, as far as the coordinator has a say', async () => {
    const job = await register();
    const soon = new Date(rig.clock.now() + 3_600_000).toISOString();
    const take = async (at: TestDevice, { of = job.id, expires = soon, user = 'Ada' } = {}) => {
      const { session } = await at.organization.call('/v1/sessions', { user, pin }, Session);
      return at.organization.call(`/v1/jobs/${of}/ticket`, { session, expires }, none);
    };
    const laxer = await seal('standard');
    await rig.coordinator.handlers['admin.user.add']({ name: 'Bob', pin }, actor);
    const second = await rig.pair('second laptop', ['client'], 'ada');
    const cases: [string, () => Promise<unknown>][] = [
      ['not-allowed', () => take(station)],
      ['not-allowed', () => take(second)],
      ['not-allowed', () => take(client, { user: 'Bob' })],
      ['not-found', () => take(client, { of: laxer.id })],
      ['input-invalid', () => take(client, { expires: new Date(rig.clock.now() - 1).toISOString() })],
      ['input-invalid', () => take(client, { expires: new Date(rig.clock.now() + 25 * 3_600_000).toISOString() })]
    ];
    for (const [code, taken] of cases) await expect(taken()).rejects.toEqual(refused(code));
    await take(client);
    expect((await auditOf(job.id)).filter((row) => row.startsWith('ticket'))).toEqual(['ticket.taken user']);

    const body = { session: await signIn(station), job: job.id, printer, node: node.id, ticket: true };
    expect(await station.organization.call('/v1/grants', body, GrantBundle)).not.toHaveProperty('jobPart');
    // Everything else holds: the claim is one, and the printer must be approved.
    await expect(station.organization.call('/v1/grants', body, GrantBundle)).rejects.toEqual(
      refused('job-in-progress')
    );
    await expect(take(client)).rejects.toEqual(refused('job-not-releasable'));
  });

  test('comes without its part, from its owner’s own device, and a laxer one is refused', async () => {
    const strict = await seal();
    const standard = await seal('standard');
    const cases: [string, object][] = [
      ['policy-refused', standard.request],
      ['input-invalid', { ...strict.request, jobPart: strict.jobPart }],
      ['input-invalid', { ...standard.request, jobPart: null }]
    ];
    for (const [code, request] of cases)
      await expect(client.organization.call('/v1/jobs', request, none)).rejects.toEqual(refused(code));
  });
});
