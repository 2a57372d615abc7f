import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestPrinter, type TestPrinter } from '../../tests/support/test-printer.ts';
import { limits } from '../base/limits.ts';
import { createTestClock } from '../base/testing/clock.ts';
import type { Access } from './access.ts';
import {
  boolean,
  collections,
  firstInteger,
  firstString,
  groupOf,
  integer,
  keyword,
  mimeMediaType,
  nameAttribute,
  outOfBand,
  range,
  stringsOf,
  textAttribute
} from './attributes.ts';
import { encodeAttributes } from './codec.ts';
import type { IppAttribute, IppMessage } from './message.ts';
import { multipleOperationTimeOut } from './reception.ts';
import { enumKeyword, type OperationName } from './registry.ts';
import { heldClock, ipp, ippRequest, jobOf, pdf } from './testing/print-client.ts';

let printer: TestPrinter;
beforeEach(async () => {
  printer = await startTestPrinter();
});
afterEach(() => printer.close());

const ask = (operation: OperationName, attributes: IppAttribute[] = [], job: IppAttribute[] = [], document = '') =>
  ipp(printer.port, ippRequest(operation, attributes, job), Buffer.from(document, 'latin1'));
const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');
const of = (job: number) => integer('job-id', job);
const stateIn = (message: IppMessage) =>
  enumKeyword('job-state', firstInteger(groupOf(message, 'job-attributes-tag'), 'job-state') ?? 0);
const stateOf = async (job: number) => stateIn(await ask('Get-Job-Attributes', [of(job)]));
const held = [keyword('job-hold-until', 'indefinite')];
const octets = mimeMediaType('document-format', 'application/octet-stream');
const createJob = async (...template: IppAttribute[]) => jobOf(await ask('Create-Job', [], template));
const send = (job: number, document: string, last: boolean, ...more: IppAttribute[]) =>
  ask('Send-Document', [of(job), ...more, boolean('last-document', last)], [], document);

describe('jobs of several documents', () => {
  it('keep each document with its own name, format and attributes, in their order', async () => {
    const job = await createJob(keyword('sides', 'two-sided-long-edge'));
    const language = { name: 'document-natural-language', values: [{ tag: 'naturalLanguage', value: 'fr' } as const] };
    expect(stateIn(await send(job, '%PDF-one', false, pdf, nameAttribute('document-name', 'one'), language))).toBe(
      'processing'
    );
    expect((await send(job, '\xff\xd8\xfftwo', false, octets)).status).toBe('successful-ok');
    expect(stateIn(await send(job, '%PDF-three', true, pdf))).toBe('completed');
    const [received] = printer.jobs;
    expect(received?.received).toMatchObject([
      { name: 'one', format: 'application/pdf', attributes: [language], sha256: sha256('%PDF-one'), last: false },
      { format: 'image/jpeg', attributes: [], sha256: sha256('\xff\xd8\xfftwo'), last: false },
      { format: 'application/pdf', sha256: sha256('%PDF-three'), last: true }
    ]);
    expect(received?.request.attributes).toEqual([keyword('sides', 'two-sided-long-edge')]);
    expect((await send(job, '%PDF', true, pdf)).status).toBe('client-error-not-possible');
    const answer = groupOf(await ask('Get-Job-Attributes', [of(job)]), 'job-attributes-tag');
    expect(firstInteger(answer, 'number-of-documents')).toBe(3);
  });

  it.each([
    ['Close-Job', (job: number) => ask('Close-Job', [of(job)])],
    ['an empty last Send-Document', (job: number) => send(job, '', true)]
  ])('end with %s, which is answered when they are durable', async (_what, end) => {
    const job = await createJob();
    await send(job, '%PDF-one', false, pdf);
    expect((await end(job)).status).toBe('successful-ok');
    expect(await stateOf(job)).toBe('completed');
    const empty = await createJob();
    expect((await end(empty)).status).toBe('successful-ok');
    expect(await stateOf(empty)).toBe('canceled');
  });

  it('are waited for between their documents, no longer than promised', async () => {
    await printer.close();
    const { clock, timers } = heldClock();
    printer = await startTestPrinter({ clock });
    const job = await createJob();
    await send(job, '%PDF-one', false, pdf);
    const waits = timers.filter(({ ms }) => ms === multipleOperationTimeOut * 1000);
    expect(waits).toHaveLength(2);
    const finished = printer.finished();
    waits.at(-1)?.run();
    await finished;
    expect((await send(job, '%PDF-two', true, pdf)).status).toBe('client-error-not-possible');
    expect(printer.jobs[0]?.state).toBe('canceled');
  });

  it('end when a document fails or is one too many', async () => {
    const failing = await createJob();
    await send(failing, '%PDF-one', false, pdf);
    printer.control.onChunk = async () => {
      throw new Error('the disk is gone');
    };
    expect((await send(failing, '%PDF-two', false, pdf)).status).toBe('server-error-internal-error');
    printer.control.onChunk = async () => undefined;
    expect((await send(failing, '%PDF-two', true, pdf)).status).toBe('client-error-not-possible');
    expect(await stateOf(failing)).toBe('aborted');
    const endless = await createJob();
    for (let index = 0; index < limits.documentsPerJob; index++) await send(endless, '%PDF', false, pdf);
    expect((await send(endless, '%PDF', false, pdf)).status).toBe('server-error-too-many-documents');
    expect(await stateOf(endless)).toBe('canceled');
  });

  it('are open in numbers only, for each user and for all: each keeps its ticket in memory', async () => {
    const create = async (user: string) =>
      (await ask('Create-Job', [nameAttribute('requesting-user-name', user)])).status;
    for (let index = 0; index < limits.ippOpenJobsPerUser; index++) expect(await create('ada')).toBe('successful-ok');
    expect(await create('ada')).toBe('server-error-busy');
    expect(await create('ben')).toBe('successful-ok');
    for (let index = printer.jobs.length; index < limits.ippOpenJobs; index++) await create(`user ${index % 9}`);
    expect(printer.jobs).toHaveLength(limits.ippOpenJobs);
    expect(await create('eve')).toBe('server-error-busy');
    await ask('Cancel-My-Jobs', [nameAttribute('requesting-user-name', 'ben')]);
    expect(await create('eve')).toBe('successful-ok');
  });

  it('take one document at a time', async () => {
    const job = await createJob();
    let open = (): void => undefined;
    printer.control.onChunk = () => new Promise((resolve) => (open = resolve));
    const begun = printer.chunk();
    const first = send(job, '%PDF-one', false, pdf);
    await begun;
    expect((await send(job, '%PDF-two', true, pdf)).status).toBe('server-error-busy');
    expect((await ask('Close-Job', [of(job)])).status).toBe('server-error-busy');
    printer.control.onChunk = async () => undefined;
    open();
    expect((await first).status).toBe('successful-ok');
  });
});

describe('formats', () => {
  it.each([
    ['left open', '\x89PNG\r\n\x1a\n', [], 'image/png'],
    ['said to be anything', 'RaS2', [octets], 'image/pwg-raster'],
    ['said to be something else', 'UNIRAST\0', [pdf], 'image/urf'],
    [
      'CUPS’s own name for PDF',
      '%PDF',
      [mimeMediaType('document-format', 'application/vnd.cups-pdf')],
      'application/pdf'
    ],
    ['what nobody knows', 'hello', [], 'application/octet-stream'],
    ['a label that nothing speaks against', 'hello', [pdf], 'application/pdf']
  ])('are found: %s', async (_what, document, ticket, format) => {
    printer.control.printers = [
      [
        mimeMediaType('document-format-supported', 'application/pdf', 'image/png', 'image/urf', 'image/pwg-raster'),
        keyword('urf-supported', 'W8', 'RS300'),
        keyword('pwg-raster-document-type-supported', 'sgray_8'),
        { name: 'pwg-raster-document-resolution-supported', values: [dpi300] }
      ],
      [mimeMediaType('document-format-supported', 'application/octet-stream')]
    ];
    expect((await ask('Print-Job', ticket, [], document)).status).toBe('successful-ok');
    expect(printer.jobs[0]?.received[0]).toMatchObject({ format, sha256: sha256(document) });
  });

  it('that no printer takes are refused before they are taken', async () => {
    printer.control.printers = [[mimeMediaType('document-format-supported', 'application/pdf')]];
    expect((await ask('Print-Job', [pdf], [], '%!PS')).status).toBe('client-error-document-format-error');
    for (const document of ['%!PS', 'hello', '\xff\xd8\xff']) {
      expect((await ask('Print-Job', [octets], [], document)).status).toBe(
        'client-error-document-format-not-supported'
      );
    }
    const jpeg = mimeMediaType('document-format', 'image/jpeg');
    expect((await ask('Validate-Job', [jpeg])).status).toBe('client-error-document-format-not-supported');
    expect(printer.jobs).toHaveLength(0);
  });

  it('are described to everybody alike, whatever was asked before', async () => {
    const names = async (...wanted: string[]) =>
      groupOf(
        await ask('Get-Printer-Attributes', [keyword('requested-attributes', ...wanted)]),
        'printer-attributes-tag'
      ).map(({ name }) => name);
    expect(await names('sides-default,media-default')).toEqual([]);
    expect(await names('sides-default', 'media-default')).toEqual(['sides-default', 'media-default']);
    expect(await names(...Array.from({ length: 3000 }, (_, index) => `x${index}`), 'sides-default')).toEqual([
      'sides-default'
    ]);
  });

  it('change with the printers, and the printer says since when', async () => {
    await printer.close();
    const clock = createTestClock();
    printer = await startTestPrinter({ clock });
    const describe = async () => groupOf(await ask('Get-Printer-Attributes'), 'printer-attributes-tag');
    const before = await describe();
    expect(stringsOf(before, 'document-format-supported')).not.toContain('application/postscript');
    clock.advance(5000);
    printer.control.printers = [[mimeMediaType('document-format-supported', 'application/postscript')]];
    const after = await describe();
    expect(stringsOf(after, 'document-format-supported')).toEqual([
      'application/postscript',
      'application/octet-stream'
    ]);
    expect(firstString(after, 'printer-device-id')).toContain('CMD:PS;');
    expect(firstInteger(before, 'printer-config-change-time')).toBe(1);
    expect(firstInteger(after, 'printer-config-change-time')).toBe(6);
  });
});

describe('holds', () => {
  it('are shown, set and ended', async () => {
    const job = jobOf(await ask('Print-Job', [pdf], held, '%PDF'));
    expect(printer.jobs[0]?.request).toMatchObject({ held: true, attributes: held });
    expect(await stateOf(job)).toBe('pending-held');
    expect((await ask('Set-Job-Attributes', [of(job)], [keyword('job-hold-until', 'no-hold')])).status).toBe(
      'successful-ok'
    );
    expect(await stateOf(job)).toBe('completed');
    expect((await ask('Hold-Job', [of(job)])).status).toBe('client-error-not-possible');
    const open = await createJob();
    await ask('Hold-Job', [of(open)]);
    expect(await stateOf(open)).toBe('pending-held');
    await ask('Release-Job', [of(open)]);
    expect(await stateOf(open)).toBe('pending');
    const template = groupOf(
      await ask('Get-Job-Attributes', [of(open), keyword('requested-attributes', 'job-template')]),
      'job-attributes-tag'
    );
    expect(template).toEqual([keyword('job-hold-until', 'no-hold')]);
  });

  it('are all that can be changed, and only to what is offered', async () => {
    const job = await createJob();
    const fixed = await ask('Set-Job-Attributes', [of(job)], [integer('copies', 2), ...held]);
    expect(fixed.status).toBe('client-error-attributes-not-settable');
    expect(groupOf(fixed, 'unsupported-attributes-tag')).toEqual([outOfBand('copies', 'not-settable')]);
    const night = keyword('job-hold-until', 'night');
    const unknown = await ask('Hold-Job', [of(job), night]);
    expect(unknown.status).toBe('client-error-attributes-or-values-not-supported');
    expect(groupOf(unknown, 'unsupported-attributes-tag')).toEqual([night]);
    expect(await stateOf(job)).toBe('pending');
  });
});

describe('cancelling', () => {
  it('works until the job is over for the print system, and by number until it is released', async () => {
    const waiting = jobOf(await ask('Print-Job', [pdf], held, '%PDF'));
    expect((await ask('Cancel-Job', [of(waiting)])).status).toBe('successful-ok');
    const sealed = jobOf(await ask('Print-Job', [pdf], [], '%PDF'));
    expect((await ask('Cancel-Job', [of(sealed)])).status).toBe('client-error-not-possible'); // RFC 8011 section 4.3.3
    expect((await ask('Cancel-My-Jobs')).status).toBe('successful-ok');
    expect(await stateOf(sealed)).toBe('completed');
    const byNumber = [integer('job-ids', sealed)];
    expect((await ask('Cancel-My-Jobs', byNumber)).status).toBe('successful-ok');
    expect(await stateOf(sealed)).toBe('canceled');
    expect((await ask('Cancel-Jobs', byNumber)).status).toBe('client-error-not-possible');
  });
});

describe('users who see their own jobs only', () => {
  const access: Access = {
    authentication: 'basic',
    admit: async ({ headers }) => ({ name: String(headers['x-user'] ?? 'ada'), sees: 'own' })
  };

  it('meet nobody else’s, whatever name they claim', async () => {
    await printer.close();
    printer = await startTestPrinter({ access });
    const ben = printer.intake.begin({ name: 'secret', userName: 'ben', attributes: [], held: false });
    const number = Number.parseInt(ben.slice(-8), 16) & 0x7fffffff;
    const claim = nameAttribute('requesting-user-name', 'ben');
    const own = await createJob();
    expect(printer.jobs[0]?.userName).toBe('ada');
    for (const operation of ['Get-Job-Attributes', 'Cancel-Job', 'Hold-Job', 'Close-Job'] as const) {
      expect((await ask(operation, [of(number), claim])).status).toBe('client-error-not-found');
    }
    const listed = (await ask('Get-Jobs', [claim, keyword('which-jobs', 'all')])).groups.slice(1);
    expect(listed.map(({ attributes }) => firstInteger(attributes, 'job-id'))).toEqual([own]);
    expect((await ask('Cancel-Jobs')).status).toBe('client-error-not-authorized');
    expect((await ask('Cancel-My-Jobs', [claim, integer('job-ids', number)])).status).toBe('client-error-not-possible');
    expect(printer.intake.job(ben)?.state).toBe('pending');
    const described = groupOf(await ask('Get-Printer-Attributes'), 'printer-attributes-tag');
    expect(new Set(stringsOf(described, 'uri-authentication-supported'))).toEqual(new Set(['basic']));
  });
});

describe('what a job asks for', () => {
  it('is compared member by member, and what must be supported is', async () => {
    const size = (x: number) => collections('media-size', [integer('x-dimension', x), integer('y-dimension', 29700)]);
    const good = collections('media-col', [size(21000), keyword('media-type', 'stationery')]);
    expect((await ask('Validate-Job', [], [good])).status).toBe('successful-ok');
    const bad = collections('media-col', [size(21001), keyword('media-type', 'stationery'), keyword('colour', 'red')]);
    const answer = await ask('Validate-Job', [], [bad]);
    expect(answer.status).toBe('successful-ok-ignored-or-substituted-attributes');
    expect(groupOf(answer, 'unsupported-attributes-tag')).toEqual([
      collections('media-col', [size(21001), outOfBand('colour', 'unsupported')])
    ]);
    const must = keyword('job-mandatory-attributes', 'media-col');
    expect((await ask('Validate-Job', [must], [bad])).status).toBe('client-error-attributes-or-values-not-supported');
    expect((await ask('Validate-Job', [must], [keyword('sides', 'folded')])).status).toBe(
      'successful-ok-ignored-or-substituted-attributes'
    );
  });

  it('may be a sheet of any size that some printer takes, and pages only where one can choose them', async () => {
    const ranges = [range('x-dimension', 10000, 30000), range('y-dimension', 10000, 40000)];
    const formats = mimeMediaType('document-format-supported', 'application/pdf');
    printer.control.printers = [[formats, collections('media-size-supported', ranges)]];
    const custom = (size: string) => keyword('media', `custom_mine_${size}mm`);
    const refused = groupOf(
      await ask('Validate-Job', [], [custom('150x500'), range('page-ranges', 1, 2)]),
      'unsupported-attributes-tag'
    );
    expect(refused).toEqual([custom('150x500'), range('page-ranges', 1, 2)]);
    expect((await ask('Validate-Job', [], [custom('150x200')])).status).toBe('successful-ok');
  });

  it('brings the window to the front, where that is all it asks', async () => {
    await ask('Identify-Printer', [textAttribute('message', 'here')]);
    expect(printer.control.identified).toEqual(['here']);
  });

  it('subscribes to the job that it creates', async () => {
    const request = ippRequest('Print-Job', [pdf], held);
    const groups = Buffer.concat([request.subarray(0, -1), Buffer.of(0x06), subscription, request.subarray(-1)]);
    const answer = await ipp(printer.port, groups, Buffer.from('%PDF'));
    const id = firstInteger(groupOf(answer, 'subscription-attributes-tag'), 'notify-subscription-id') ?? 0;
    const events = await ask('Get-Notifications', [integer('notify-subscription-ids', id)]);
    const named = events.groups.slice(1).map(({ attributes }) => firstString(attributes, 'notify-subscribed-event'));
    expect(named).toContain('job-state-changed');
    expect(firstInteger(groupOf(events, 'operation-attributes-tag'), 'notify-get-interval')).toBeGreaterThan(0);
  });
});

const dpi300 = { tag: 'resolution', value: { cross: 300, feed: 300, units: 3 } } as const;
/** notify-pull-method and notify-events as bytes of a group. */
const subscription = Buffer.from(
  encodeAttributes([keyword('notify-pull-method', 'ippget'), keyword('notify-events', 'job-state-changed')])
).subarray(9, -1);
