import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MiB } from '../base/limits.ts';
import { firstInteger, firstString, mimeMediaType, stringsOf } from '../ipp/attributes.ts';
import { decodeCapabilities } from '../ipp/capabilities.ts';
import { deliveryFixture, documentOf, last } from './testing/fixture.ts';

const { organization, secure, printer, held, heldTogether, grantOf, release, told, uploads, printsOnly, stop, start } =
  deliveryFixture();

describe('names', () => {
  it.each([
    ['shown', 'Confidential', 'part 0'],
    ['opaque', undefined, undefined]
  ] as const)('are %s', async (rule, title, document) => {
    organization().policy.jobNames = rule;
    const { sealed, replica } = await heldTogether(100, 100);
    await release(await grantOf(sealed), replica);
    const [printed] = secure().jobs;
    expect(printed?.name).toBe(title ?? `letterlock-${sealed.job}`);
    expect(printed?.user).toBe(`letterlock-${sealed.job}.1`);
    expect(firstString(printed?.documents[0]?.operation ?? [], 'document-name')).toBe(document);
    if (rule === 'opaque') expect(JSON.stringify(secure().jobs)).not.toMatch(/Confidential|part/);
  });
});

describe('several documents', () => {
  it('are one job where the printer takes it', async () => {
    const { documents, sealed, replica } = await heldTogether(3 * MiB + 7, 0, 5, MiB);
    const events = await release(await grantOf(sealed), replica);
    expect(events.slice(-2)).toEqual([{ type: 'delivered' }, { type: 'completed' }]);
    const [printed, ...others] = secure().jobs;
    expect(others).toEqual([]);
    expect(documents.map((document, index) => documentOf(printed, index).equals(document))).toEqual([
      true,
      true,
      true,
      true
    ]);
    const copies = printed?.documents.map(({ template }) => firstInteger(template, 'copies'));
    expect(copies).toEqual([1, 2, 3, 4]);
    expect(secure().connections()).toBe(1);
  });

  it.each(['Create-Job', 'Print-Job'])('are a job each where it does not, by %s', async (way) => {
    secure().can.multipleDocuments = false;
    if (way === 'Print-Job') printsOnly();
    const { documents, sealed, replica } = await heldTogether(MiB, 2 * MiB, 3);
    const bundle = await grantOf(sealed);
    const events = await release(bundle, replica);
    expect(secure().jobs.map((job, index) => documentOf(job).equals(documents[index] ?? Buffer.of()))).toEqual([
      true,
      true,
      true
    ]);
    expect(events.slice(-2)).toEqual([{ type: 'delivered' }, { type: 'completed' }]);
    expect(told(bundle.value)).toEqual(['start', 'delivered', 'completed']);
    const sent = events.flatMap((event) => (event.type === 'progress' ? event.bytes : []));
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
  });

  it('stop at the first that fails, and what was printed is said', async () => {
    secure().can.multipleDocuments = false;
    secure().script.push({ kind: 'accept' }, { kind: 'accept', end: 'aborted' });
    const { sealed, replica } = await heldTogether(100, 100, 100);
    expect(last(await release(await grantOf(sealed), replica))).toEqual({
      type: 'failed',
      code: 'printer-refused',
      detail: '1 of 3 documents are printed for certain',
      uncertain: true
    });
    expect(secure().jobs).toHaveLength(2);
  });

  it('have failed for certain when the first one did', async () => {
    secure().can.multipleDocuments = false;
    secure().script.push({ kind: 'accept', end: 'aborted' });
    const { sealed, replica } = await heldTogether(100, 100);
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject({ uncertain: false });
    expect(secure().jobs).toHaveLength(1);
  });

  it('of one job are uncertain when a later one is refused', async () => {
    secure().script.push({ kind: 'accept' }, { kind: 'refuse', status: 'client-error-not-authorized' });
    const { sealed, replica } = await heldTogether(100, 100);
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject({ uncertain: true });
    expect(secure().jobs).toMatchObject([{ state: 'canceled' }]);
  });

  it('interrupted between two jobs are settled after the restart', async () => {
    secure().can.multipleDocuments = false;
    const { sealed, replica } = await heldTogether(100, 24 * MiB);
    const begun = new Promise<void>((resolve) => {
      secure().script.push({ kind: 'accept' }, { kind: 'hang', begun: resolve, leave: 'aborted' });
    });
    const released = release(await grantOf(sealed), replica).catch((error: unknown) => error);
    await begun;
    await stop();
    await released;
    await start();
    expect((await organization().called(/outcome/)).body).toMatchObject({
      result: 'uncertain',
      detail: '1 of 2 documents are printed for certain',
      printerJob: 2
    });
    expect(uploads()).toBe(2);
  });
});

describe('before the first byte', () => {
  it('a format that the printer does not take is refused, and the job is held', async () => {
    const { sealed, replica } = await heldOf('application/postscript');
    const bundle = await grantOf(sealed);
    const event = { type: 'failed', code: 'format-not-supported', detail: 'application/postscript', uncertain: false };
    expect(last(await release(bundle, replica))).toEqual(event);
    expect(secure().requests).toEqual(['Get-Printer-Attributes']);
    expect(told(bundle.value)).toEqual(['start', 'failed']);
  });

  it.each([
    ['application/postscript', 'CMD:PCL,PostScript,URF;', 'application/octet-stream'],
    ['application/postscript', 'CMD:PCL,PDF;', undefined],
    ['application/vnd.cups-pdf', '', 'application/pdf'],
    ['application/octet-stream', '', 'application/octet-stream']
  ])('%s at a printer that detects and says %j is declared as %s', async (format, commands, declared) => {
    secure().can.formats.push('application/octet-stream');
    secure().can.deviceId = `MFG:Test;${commands}`;
    const { sealed, replica } = await heldOf(format);
    await release(await grantOf(sealed), replica);
    const sent = secure().jobs[0]?.documents[0]?.operation ?? [];
    expect(firstString(sent, 'document-format')).toBe(declared);
  });

  it('a printer that accepts no jobs is waited for', async () => {
    secure().can.accepting = false;
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    const end = { code: 'printer-refused', detail: 'server-error-not-accepting-jobs', uncertain: false };
    expect(last(await release(bundle, replica))).toMatchObject(end);
    expect(secure().requests.length).toBeGreaterThan(10);
    expect(secure().jobs).toEqual([]);
  });

  it('the coordinator hears what the printer says of itself, when it is news', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    await release(await grantOf(sealed, { fence: 1 }), replica);
    const { path, body } = await organization().called(/capabilities/);
    expect(path).toBe(`/v1/printers/${printer()}/capabilities`);
    const { capabilities } = body as { capabilities: string };
    expect(stringsOf(decodeCapabilities(capabilities), 'document-format-supported')).toEqual(secure().can.formats);

    const [entry, ...others] = organization().printers;
    if (entry) organization().printers.splice(0, 2, { ...entry, capabilities }, ...others);
    await release(await grantOf(sealed, { fence: 2 }), replica);
    expect(organization().calls.filter((call) => call.path.includes('capabilities'))).toHaveLength(1);
  });

  const heldOf = (format: string) =>
    held(randomBytes(100), { metadata: { documents: [{ format, size: 100, facts: {} }] } });
});

describe('attributes', () => {
  it('of the request itself come from us', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    await release(await grantOf(sealed), replica);
    const [printed] = secure().jobs;
    const names = [
      'attributes-charset',
      'attributes-natural-language',
      'printer-uri',
      'requesting-user-name',
      'job-name'
    ];
    expect(printed?.operation.map(({ name }) => name)).toEqual(names);
    expect(printed?.documents[0]?.operation).toContainEqual(mimeMediaType('document-format', 'application/pdf'));
  });
});
