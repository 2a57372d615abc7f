import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type JobId, type JobView, jobStates } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { encodeCapabilities } from '../ipp/capabilities.ts';
import { decodeAttributes } from '../ipp/codec.ts';
import type { IppAttribute } from '../ipp/message.ts';
import type { IncomingDocument, IncomingJob } from '../ipp/port.ts';
import { chunks, createTestClient, gate, never, type TestClient, until } from '../jobs/testing/client.ts';
import { openSession } from '../jobs/user-session.ts';
import { intakeJob } from './intake-job.ts';
import { createPrintIntake } from './print-intake.ts';

const vendor: IppAttribute = { name: 'x-fold', values: [{ tag: 'octetString', value: Uint8Array.of(0, 255, 10) }] };
const incoming: IncomingJob = { name: 'Letter', userName: 'al', attributes: [vendor], held: false };
const document: IncomingDocument = {
  name: 'Letter.pdf',
  format: 'application/pdf',
  attributes: [vendor],
  content: chunks(Buffer.from('x'))
};
async function* listOf(...documents: IncomingDocument[]) {
  yield* documents;
}

let client: TestClient;
let paired: boolean;
let intake: ReturnType<typeof createPrintIntake>;
const identified: (string | undefined)[] = [];
beforeEach(async () => {
  client = await createTestClient();
  paired = true;
  const { jobs, organization } = client;
  intake = createPrintIntake({
    services: () => (paired ? { jobs, organization: organization.asSeenBy(organization.client) } : null),
    identify: (message) => identified.push(message),
    logger: silentLogger
  });
  jobs.onChange(intake.changed);
});
afterEach(() => client.remove());

const print = async (change: Partial<IncomingJob> = {}): Promise<JobId> => {
  const job = intake.begin({ ...incoming, ...change });
  await intake.documents(job, listOf({ ...document, content: chunks(Buffer.from('x')) }), never);
  return job;
};
const news = (id: JobId, state: JobView['state']) =>
  client.organization.tell({ id, state, holders: client.mesh.holders(id), printer: 'Printer 1' });
const asleep = (dead: boolean) => {
  for (const node of client.mesh.all()) node.faults.dead = dead;
};

describe('a job', () => {
  it('arrives sealed with every attribute, byte for byte', async () => {
    const job = await print();
    const [holder] = client.mesh.holders(job);
    const metadata = holder && (await client.mesh.open(holder, job)).metadata;
    expect(metadata).toMatchObject({ title: 'Letter', documents: [{ name: 'Letter.pdf', size: 1 }] });
    for (const text of [metadata?.attributes, metadata?.documents[0]?.attributes])
      expect(decodeAttributes(Buffer.from(text ?? '', 'base64url'))).toEqual([vendor]);
  });

  it('is completed for the print system once it is durable, and can be canceled until it is released', async () => {
    const job = intake.begin(incoming);
    expect(intake.job(job)).toMatchObject({ state: 'pending', reasons: ['job-incoming'], cancelable: true });
    const halfway = gate();
    const rest = gate();
    async function* content() {
      yield Buffer.alloc(3 * MiB);
      await rest.opened;
    }
    client.jobs.onChange(() => client.jobs.get(job)?.progress && halfway.open());
    const taken = intake.documents(job, listOf({ ...document, content: content() }), never);
    await halfway.opened;
    expect(intake.job(job)).toMatchObject({ state: 'processing', reasons: ['job-transforming'], cancelable: true });
    expect(intake.printerState().state).toBe('processing');
    rest.open();
    await taken;
    const shown = intake.job(job);
    expect(shown).toMatchObject({
      state: 'completed',
      reasons: ['queued-in-device'],
      cancelable: true,
      name: 'Letter',
      userName: 'al',
      bytes: 3 * MiB,
      documents: 1,
      completed: client.clock.now()
    });
    expect(shown?.message).toMatch(/^Sealed\. Waits for you at a printer until \d/);

    news(job, 'printing');
    expect(intake.job(job)).toMatchObject({
      state: 'completed',
      cancelable: false,
      message: 'Being printed at Printer 1.'
    });
    news(job, 'held');
    await intake.cancel(job);
    expect(intake.job(job)).toMatchObject({ state: 'canceled', reasons: ['job-canceled-by-user'], cancelable: false });
  });

  it('costs no formatter of its own: all jobs are looked at whenever a print system asks for the printer', async () => {
    const job = await print();
    const made = vi.spyOn(Intl, 'DateTimeFormat');
    try {
      expect(intake.job(job)?.message).toContain('until');
      expect(made).not.toHaveBeenCalled(); // slow, and hundreds of them take gigabytes outside of the heap
    } finally {
      made.mockRestore();
    }
  });

  it('that the print system holds is told how it goes on', async () => {
    const job = await print({ held: true });
    expect(intake.job(job)).toMatchObject({
      state: 'pending-held',
      reasons: ['job-hold-until-specified', 'job-release-wait'],
      cancelable: true
    });
    await intake.hold(job, false);
    expect(intake.job(job)).toMatchObject({ state: 'completed', reasons: ['queued-in-device'] });
    await expect(intake.hold(job, true)).rejects.toMatchObject({ code: 'conflict' });

    const other = await print({ held: true });
    news(other, 'printing');
    expect(intake.job(other)).toMatchObject({ state: 'processing', reasons: ['job-printing'] });
    news(other, 'uncertain');
    expect(intake.job(other)).toMatchObject({ state: 'processing-stopped', cancelable: true });
    news(other, 'completed');
    expect(intake.job(other)).toMatchObject({ state: 'completed', reasons: ['job-completed-successfully'] });
  });

  it('that was refused says why', async () => {
    client.organization.refuse((path) => (path === '/v1/jobs' ? new LetterlockError('policy-refused') : undefined));
    const job = intake.begin(incoming);
    await expect(intake.documents(job, listOf(document), never)).rejects.toMatchObject({ code: 'policy-refused' });
    expect(intake.job(job)).toMatchObject({
      state: 'aborted',
      reasons: ['aborted-by-system'],
      message: expect.stringContaining('policy of your organization')
    });
  });

  it.each(jobStates.flatMap((state) => [true, false].map((held) => ({ state, held }))))(
    'has a state, a reason and a message whatever happens: $state, held: $held',
    ({ state, held }) => {
      const time = '2026-01-01T00:00:00.000Z';
      const view: JobView = {
        id: '6f9f1d2e-3c8b-4a44-9a39-111111111111' as JobId,
        state,
        owner: 'Ada',
        size: 1,
        created: time,
        expires: time,
        title: null,
        documents: 1,
        facts: { pages: 7 },
        holders: [],
        safeToClose: false,
        inOutbox: false,
        custody: 'standard'
      };
      const shown = intakeJob(view, { userName: '', held, durable: null, ended: null });
      expect(shown).toMatchObject({ name: 'Sealed job', userName: 'Ada', pages: 7 });
      expect(shown.reasons.length).toBeGreaterThan(0);
      expect(shown.message).toMatch(/\.$/);
      const over = ['completed', 'canceled', 'aborted'].includes(shown.state);
      expect(shown.completed).toBe(over ? Date.parse(time) : undefined);
      if (!held) expect(over).toBe(state !== 'sealing');
    }
  );
});

describe('the printer', () => {
  const state = () => intake.printerState();

  it('says what keeps it from taking jobs', () => {
    expect(state()).toEqual({ state: 'idle', reasons: [] });
    expect(intake.refusal()).toBeNull();
    paired = false;
    expect(state()).toMatchObject({ state: 'stopped', reasons: ['other-error'] });
    expect(state().message).toMatch(/not paired\. Pair it/);
    expect(intake.refusal()?.code).toBe('not-paired');
    expect(intake.jobs()).toEqual([]);
    expect(() => intake.begin(incoming)).toThrow('not-paired');
    paired = true;
    client.organization.change((directory) => ({ ...directory, devices: [] }));
    expect(state()).toMatchObject({ state: 'stopped', reasons: ['deactivated-error'] });
  });

  it('takes jobs that stay here for want of a node, and says so', async () => {
    asleep(true);
    client.organization.online.clear();
    expect(state()).toMatchObject({ state: 'idle', reasons: ['connecting-to-device-report'] });
    const job = await print();
    expect(intake.job(job)?.message).toMatch(/Leave it on/);
    expect(state()).toMatchObject({
      state: 'idle',
      reasons: ['connecting-to-device-warning'],
      message: expect.stringContaining('One job waits')
    });
    client.organization.connect(false);
    expect(state().reasons).toEqual(['connecting-to-device-warning', 'connecting-to-device-report']);
  });

  it('says that the disk is full, for as long as it is', async () => {
    asleep(true);
    client.disk.freeBytes = 0;
    await expect(print()).rejects.toMatchObject({ code: 'storage-full' });
    expect(state()).toMatchObject({ state: 'idle', reasons: ['spool-area-full-error'] });
    client.disk.freeBytes = 1000 * MiB;
    const over = gate();
    intake.onChange(() => state().reasons.length === 0 && over.open());
    await client.passing(over.opened);
  });

  it('knows the printers of the site in their own words, all but those that it cannot read', () => {
    const said: IppAttribute[] = [{ name: 'color-supported', values: [{ tag: 'boolean', value: true }] }];
    client.organization.change((directory) => ({
      ...directory,
      printers: directory.printers.flatMap((printer) =>
        [encodeCapabilities(said), null, 'AAAA'].map((capabilities) => ({ ...printer, capabilities }))
      )
    }));
    expect(intake.printers()).toEqual([said]);
    expect(intake.printers()).toBe(intake.printers());
  });

  it('passes on who wants to see it, and that something has changed', async () => {
    intake.identify('here');
    expect(identified).toEqual(['here']);
    let changes = 0;
    const off = intake.onChange(() => {
      changes += 1;
    });
    const job = await print();
    await until(client.jobs, job, ({ safeToClose }) => safeToClose);
    const seen = changes;
    expect(seen).toBeGreaterThan(0);
    off();
    await intake.cancel(job);
    expect(changes).toBe(seen);
  });
});

it('a shared printer prints for whoever is signed in, and for nobody else', async () => {
  const { jobs, organization } = client;
  const view = organization.asSeenBy(organization.client);
  const session = await openSession(view, 'ada', '1234');
  organization.change((directory) => ({
    ...directory,
    devices: directory.devices.map((device) => ({ ...device, owner: null, ownerName: null }))
  }));
  const shared = createPrintIntake({
    services: () => ({ jobs, organization: view }),
    ownerOf(userName) {
      if (userName !== 'ada') throw new LetterlockError('session-expired');
      return session;
    },
    logger: silentLogger
  });
  expect(intake.refusal()?.code).toBe('no-owner');
  expect(shared.refusal()).toBeNull();
  expect(() => shared.begin({ ...incoming, userName: 'eve' })).toThrow('session-expired');
  const job = shared.begin({ ...incoming, userName: 'ada' });
  await shared.documents(job, listOf(document), never);
  expect(shared.job(job)).toMatchObject({ state: 'completed', userName: 'ada' });
  expect(organization.jobs.get(job)?.registration.session).toBe(session.session);
});
