import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PrinterId } from '../../src-preload/contract/ids.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { signStatement } from '../identity/signed-statement.ts';
import { firstInteger, firstString } from '../ipp/attributes.ts';
import type { Replica } from '../mesh/ports.ts';
import { createTestOrganization, type SealedTestJob, type TestOrganization } from '../mesh/testing/organization.ts';
import type { Grant, GrantBundle } from '../protocol/device-api.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { type Behaviour, type PrintedJob, type ScriptedPrinter, startScriptedPrinter } from './testing/printer.ts';

/** Pauses end at once, and were as long as they should be. */
function hurriedClock(): Clock {
  let skipped = 0;
  return {
    now: () => systemClock.now() + skipped,
    after(ms, run) {
      const soon = setImmediate(() => {
        skipped += ms;
        run();
      });
      return () => clearImmediate(soon);
    }
  };
}
const refused = (code: string) => expect.objectContaining({ code });

let organization: TestOrganization;
let client: DeviceIdentity;
let station: DeviceIdentity;
let node: DeviceIdentity;
let secure: ScriptedPrinter;
let plain: ScriptedPrinter;
let printer: PrinterId;
let plainPrinter: PrinterId;
let dataDir: string;
let delivery: Delivery;

beforeAll(async () => {
  organization = await createTestOrganization();
  [client, station, node] = await Promise.all([
    organization.enroll('laptop', ['client']),
    organization.enroll('kiosk', ['station']),
    organization.enroll('node', ['node'])
  ]);
}, 60_000);
afterAll(() => organization.close());

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-delivery-'));
  secure = await startScriptedPrinter();
  plain = await startScriptedPrinter({ secure: false });
  printer = list(secure, { grade: 'ipps-required' });
  plainPrinter = list(plain, { grade: 'plain-allowed' });
  delivery = await begin();
});
afterEach(async () => {
  await delivery.close();
  await secure.close();
  await plain.close();
  await rm(dataDir, { recursive: true, force: true });
  organization.printers.length = 0;
  organization.calls.length = 0;
  organization.coordinatorState.connected = true;
  organization.coordinatorState.answer = () => ({});
});

function list(target: ScriptedPrinter, { grade }: { grade: 'ipps-required' | 'plain-allowed' }): PrinterId {
  const id = PrinterId.parse(randomUUID());
  const { uri, certificateSha256 } = target;
  organization.printers.push({ id, name: 'printer', location: '', uri, grade, certificateSha256 });
  return id;
}
const begin = () =>
  createDelivery({
    dataDir,
    identity: node,
    organization: organization.view(node),
    clock: hurriedClock(),
    logger: silentLogger
  });

/** A job and what this node holds of it. */
async function held(document: Uint8Array, options: Parameters<TestOrganization['seal']>[2] = {}) {
  const sealed = await organization.seal(client, document, options);
  const path = join(dataDir, `${sealed.job}.blob`);
  await writeFile(path, sealed.blob);
  const { manifest, metadata, sealedKey } = await sealed.commitFor(node);
  const replica: Replica = { job: sealed.job, manifest, metadata, sealedKey, openBlob: () => open(path, 'r') };
  return { sealed, path, replica };
}
const grantOf = (sealed: SealedTestJob, change: Partial<Grant> = {}, to = printer) =>
  sealed.grantFor({ node, printer: to, requestedBy: station.id }, change);

async function release(
  bundle: GrantBundle,
  replica: Replica | undefined,
  caller = station.id
): Promise<ReleaseEvent[]> {
  const events: ReleaseEvent[] = [];
  await delivery.release({ bundle, caller, replica: async () => replica }, (event) => events.push(event));
  return events;
}
const documentOf = (job: PrintedJob | undefined) => Buffer.concat(job?.pieces ?? []);
/** Everything that the coordinator was told of a grant, in order. */
const told = (grant: Grant) =>
  organization.calls
    .filter(({ path }) => path.includes(grant.id))
    .map(({ path, body }) => (path.endsWith('/start') ? 'start' : (body as { result: string }).result));
const last = (events: ReleaseEvent[]) => events.at(-1);

describe('a release', () => {
  it('prints what was sealed, byte for byte, once the coordinator agreed', async () => {
    const document = randomBytes(3 * MiB + 5);
    const { sealed, replica } = await held(document, {
      attributes: [
        { name: 'copies', values: [{ tag: 'integer', value: 2 }] },
        { name: 'job-hold-until', values: [{ tag: 'keyword', value: 'indefinite' }] },
        { name: 'job-password', values: [{ tag: 'octetString', value: { 0: 1 } }] },
        { name: 'broken', values: [{ tag: 'integer', value: 'seven' }] },
        { name: 'requesting-user-name', values: [{ tag: 'nameWithoutLanguage', value: 'ada' }] }
      ]
    });
    const bundle = await grantOf(sealed);
    let startedBefore = -1;
    organization.coordinatorState.answer = ({ path }) => {
      if (path.endsWith('/start')) startedBefore = secure.requests.length;
      return {};
    };
    const events = await release(bundle, replica);

    expect(startedBefore).toBe(0);
    const [printed] = secure.jobs;
    expect(documentOf(printed).equals(document)).toBe(true);
    expect(printed?.name).toBe(`letterlock-${sealed.job}`);
    expect(firstString(printed?.operation ?? [], 'document-format')).toBe('application/pdf');
    expect(printed?.job.map(({ name }) => name)).toEqual(['copies']);
    expect(firstInteger(printed?.job ?? [], 'copies')).toBe(2);
    expect(JSON.stringify(printed?.operation)).not.toMatch(/Confidential|ada/);

    expect(events[0]).toEqual({ type: 'started', job: sealed.job, bytes: document.length });
    expect(events.filter(({ type }) => type === 'progress').length).toBeGreaterThan(0);
    expect(events.slice(-2)).toEqual([{ type: 'delivered' }, { type: 'completed' }]);
    expect(told(bundle.value)).toEqual(['start', 'delivered', 'completed']);
  });

  it('works once, also after a restart, and an older grant not after a newer one', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const older = await grantOf(sealed, { fence: 1 });
    const bundle = await grantOf(sealed, { fence: 2 });
    await release(bundle, replica);
    await expect(release(bundle, replica)).rejects.toEqual(refused('grant-used'));
    await delivery.close();
    delivery = await begin();
    await expect(release(bundle, replica)).rejects.toEqual(refused('grant-used'));
    await expect(release(older, replica)).rejects.toEqual(refused('grant-used'));
    expect(secure.jobs).toHaveLength(1);
  });

  it('is refused without the coordinator', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    organization.coordinatorState.answer = ({ path }) => {
      if (path.endsWith('/start')) throw new LetterlockError('job-already-released');
      return {};
    };
    await expect(release(bundle, replica)).rejects.toEqual(refused('job-already-released'));
    expect(secure.requests).toEqual([]);
    expect(told(bundle.value)).toEqual(['failed']);
  });

  it('waits for a busy printer', async () => {
    secure.script.push(
      { kind: 'refuse', status: 'server-error-busy' },
      { kind: 'refuse', status: 'server-error-busy' }
    );
    const document = randomBytes(100_000);
    const { sealed, replica } = await held(document);
    expect(last(await release(await grantOf(sealed), replica))).toEqual({ type: 'completed' });
    expect(secure.jobs.map((job) => documentOf(job).equals(document))).toEqual([true]);
  });

  it('tells the coordinator the outcome as soon as it is back', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    organization.coordinatorState.answer = ({ path }) => {
      if (path.endsWith('/start')) organization.coordinatorState.connected = false;
      return {};
    };
    expect(last(await release(bundle, replica))).toEqual({ type: 'completed' });
    await delivery.close();
    expect(told(bundle.value)).toEqual(['start']);
    organization.coordinatorState.connected = true;
    delivery = await begin();
    const { body } = await organization.called(/outcome/);
    expect(body).toMatchObject({ result: 'completed' });
  });
});

describe('a grant', () => {
  const second = 1000;
  const iso = (ms: number) => new Date(Date.now() + ms).toISOString();
  it.each([
    ['for another node', { node: randomUUID() as Grant['node'] }, 'grant-invalid'],
    ['for another requester', { requestedBy: randomUUID() as Grant['requestedBy'] }, 'grant-invalid'],
    ['that lives for an hour', { expires: iso(3600 * second) }, 'grant-invalid'],
    ['that has expired', { issued: iso(-40 * second), expires: iso(-1) }, 'grant-expired']
  ])('%s is refused', async (_what, change, code) => {
    const { sealed, replica } = await held(randomBytes(100));
    await expect(release(await grantOf(sealed, change), replica)).rejects.toEqual(refused(code));
    expect(secure.requests).toEqual([]);
    expect(await readdir(join(dataDir, 'deliveries'))).toEqual([]);
  });

  it('that the coordinator did not sign is refused', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const forged = await sealed.grantFor({ node, printer, requestedBy: station.id }, {}, (kind, value) =>
      signStatement(kind, value, { id: organization.coordinator.id, key: station.signing })
    );
    const owned = await sealed.grantFor({ node, printer, requestedBy: station.id }, {}, (kind, value) =>
      signStatement(kind, value, { id: station.id, key: station.signing })
    );
    const otherKind = await sealed.grantFor({ node, printer, requestedBy: station.id }, {}, (_kind, value) =>
      signStatement('directory', value, { id: organization.coordinator.id, key: organization.coordinator.signing })
    );
    for (const bundle of [forged, owned, otherKind]) {
      await expect(release(bundle, replica)).rejects.toEqual(refused('grant-invalid'));
    }
  });

  it('with the parts of another grant opens nothing', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const [one, other] = [await grantOf(sealed), await grantOf(sealed)];
    await expect(release({ grant: one.grant, parts: other.parts }, replica)).rejects.toEqual(refused('grant-invalid'));
  });

  it('for a job that is not here, or a printer that is not approved, is refused and the job held again', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const [missing, unknown] = [
      await grantOf(sealed),
      await grantOf(sealed, { fence: 2, printer: randomUUID() as PrinterId })
    ];
    await expect(release(missing, undefined)).rejects.toEqual(refused('not-found'));
    await expect(release(unknown, replica)).rejects.toEqual(refused('printer-not-approved'));
    expect([...told(missing.value), ...told(unknown.value)]).toEqual(['failed', 'failed']);
  });
});

describe('the way to the printer', () => {
  it('is plain only when printer and job both allow it', async () => {
    const strict = await held(randomBytes(100));
    await expect(release(await grantOf(strict.sealed, {}, plainPrinter), strict.replica)).rejects.toEqual(
      refused('printer-not-secure')
    );
    const [entry] = organization.printers.filter(({ id }) => id === plainPrinter);
    const relaxed = await held(randomBytes(100), { deliveryGrade: 'ipps-preferred' });
    organization.printers.push({
      ...(entry as typeof entry & object),
      id: randomUUID() as PrinterId,
      grade: 'ipps-required'
    });
    const strictPrinter = organization.printers.at(-1)?.id as PrinterId;
    await expect(release(await grantOf(relaxed.sealed, {}, strictPrinter), relaxed.replica)).rejects.toEqual(
      refused('printer-not-secure')
    );
    expect(plain.requests).toEqual([]);
    const events = await release(await grantOf(relaxed.sealed, { fence: 2 }, plainPrinter), relaxed.replica);
    expect(last(events)).toEqual({ type: 'completed' });
  });

  it('ends at a changed certificate', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    organization.printers.forEach((each, index) => {
      organization.printers[index] = { ...each, certificateSha256: 'ab'.repeat(32) };
    });
    const bundle = await grantOf(sealed);
    expect(last(await release(bundle, replica))).toEqual({
      type: 'failed',
      code: 'printer-certificate-changed',
      uncertain: false
    });
    expect(secure.requests).toEqual([]);
    expect(told(bundle.value)).toEqual(['start', 'failed']);
  });

  it('ends at a printer that is off', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    await secure.close();
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject({
      code: 'printer-unreachable',
      uncertain: false
    });
  });
});

describe('a delivery that breaks off', () => {
  const certain = { type: 'failed', uncertain: false };
  const uncertain = { type: 'failed', uncertain: true };
  const internalError = 'server-error-internal-error';
  const cases: [string, Behaviour, object][] = [
    ['refused by the printer', { kind: 'refuse', status: 'client-error-not-authorized' }, certain],
    ['in the middle, aborted by the printer', { kind: 'cut', after: 'some', leave: 'aborted' }, certain],
    ['in the middle, unknown to the printer', { kind: 'cut', after: 'some', leave: 'nothing' }, certain],
    ['in the middle, still at the printer', { kind: 'cut', after: 'some', leave: 'processing' }, uncertain],
    ['in the middle, printed all the same', { kind: 'cut', after: 'some', leave: 'completed' }, uncertain],
    ['after the end, printed', { kind: 'cut', after: 'all', leave: 'completed' }, { type: 'completed' }],
    ['after the end, unknown to the printer', { kind: 'cut', after: 'all', leave: 'nothing' }, uncertain],
    ['refused after the end', { kind: 'answer', status: 'client-error-not-authorized', leave: 'nothing' }, certain],
    ['out of order, printed', { kind: 'answer', status: internalError, leave: 'completed' }, { type: 'completed' }],
    ['out of order, unknown to the printer', { kind: 'answer', status: internalError, leave: 'nothing' }, uncertain],
    [
      'accepted without a number',
      { kind: 'answer', status: 'successful-ok', leave: 'completed' },
      { type: 'completed' }
    ],
    ['accepted, then aborted', { kind: 'accept', end: 'aborted' }, { ...certain, code: 'printer-refused' }],
    ['accepted, then canceled', { kind: 'accept', end: 'canceled' }, { ...certain, code: 'printer-refused' }]
  ];
  it.each(cases)('%s', async (_what, behaviour, end) => {
    secure.script.push(behaviour);
    const { sealed, replica } = await held(randomBytes(12 * MiB));
    const bundle = await grantOf(sealed);
    expect(last(await release(bundle, replica))).toMatchObject(end);
    expect(secure.requests.filter((each) => each === 'Print-Job')).toHaveLength(1);
    expect(secure.jobs.every(({ state }) => state !== 'processing')).toBe(true);
  });

  it('because the blob is damaged gives the printer no end', async () => {
    const document = randomBytes(12 * MiB);
    const { sealed, path, replica } = await held(document);
    const file = await open(path, 'r+');
    await file.write(Buffer.of(sealed.blob.readUInt8(9 * MiB) ^ 1), 0, 1, 9 * MiB);
    await file.close();
    const bundle = await grantOf(sealed);
    expect(last(await release(bundle, replica))).toMatchObject({ ...certain, code: 'seal-broken' });
    const [printed] = secure.jobs;
    expect(printed).toMatchObject({ whole: false, state: 'aborted' });
    const arrived = documentOf(printed);
    expect(document.subarray(0, arrived.length).equals(arrived)).toBe(true);
  });

  it('because the blob is cut off never reaches the printer', async () => {
    const { sealed, path, replica } = await held(randomBytes(MiB));
    await writeFile(path, sealed.blob.subarray(0, -1));
    await expect(release(await grantOf(sealed), replica)).rejects.toEqual(refused('seal-broken'));
    expect(secure.requests).toEqual([]);
  });

  it.each([
    ['aborted', 'failed'],
    ['canceled', 'failed'],
    ['completed', 'completed']
  ] as const)('because the node stopped is settled after the restart: printer says %s', async (leave, result) => {
    const { sealed, replica } = await held(randomBytes(24 * MiB));
    const bundle = await grantOf(sealed);
    const begun = new Promise<void>((resolve) => {
      secure.script.push({ kind: 'hang', begun: resolve, leave });
    });
    const released = release(bundle, replica).catch((error: unknown) => error);
    await begun;
    await delivery.close();
    expect(await released).toEqual(refused('node-unreachable'));
    expect(told(bundle.value)).toEqual(['start']);

    delivery = await begin();
    const { body } = await organization.called(/outcome/);
    expect(body).toMatchObject({ result, printerJob: 1 });
    expect(secure.requests.filter((each) => each === 'Print-Job')).toHaveLength(1);
  });

  it('before anything was sent has failed for certain', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    const stuck = new Promise<void>((resolve) => {
      const waiting: Replica = { ...replica, openBlob: () => new Promise(() => resolve()) };
      void release(bundle, waiting).catch(() => {});
    });
    await stuck;
    // As after kill -9: nobody closes anything.
    const next = await begin();
    const { body } = await organization.called(/outcome/);
    expect(body).toMatchObject({ result: 'failed' });
    await next.close();
    delivery = await begin();
  });

  it('at a printer that is no longer listed is uncertain', async () => {
    const { sealed } = await held(randomBytes(100));
    const { value } = await grantOf(sealed);
    const at = new Date().toISOString();
    const lines = [
      { stage: 'accepted', at, grant: value.id, job: value.job, printer: randomUUID(), fence: 1 },
      { stage: 'sending', at }
    ];
    await writeFile(
      join(dataDir, 'deliveries', `${value.id}.jsonl`),
      `${lines.map((line) => JSON.stringify(line)).join('\n\n')}\n{"stage":"deliv`
    );
    await delivery.close();
    delivery = await begin();
    const { body } = await organization.called(/outcome/);
    expect(body).toMatchObject({ result: 'uncertain' });
  });
});
