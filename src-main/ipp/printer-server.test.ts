import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publicErrors } from '../../src-preload/contract/errors.ts';
import { startTestPrinter, type TestPrinter } from '../../tests/support/test-printer.ts';
import { LetterlockError } from '../base/errors.ts';
import {
  boolean,
  enums,
  firstInteger,
  firstString,
  groupOf,
  integer,
  keyword,
  mimeMediaType,
  nameAttribute,
  uri
} from './attributes.ts';
import { decodeMessage } from './codec.ts';
import type { IppAttribute } from './message.ts';
import { head, ipp, ippRequest, jobOf, pdf, post, rawConnection } from './testing/print-client.ts';

let printer: TestPrinter;
beforeEach(async () => {
  printer = await startTestPrinter();
});
afterEach(() => printer.close());

describe('HTTP', () => {
  it.each([
    ['another Host (DNS rebinding)', { Host: 'printer.example' }, 'POST', '/ipp/print', 403],
    ['a Host that only looks like loopback', { Host: '127.0.0.1.example' }, 'POST', '/ipp/print', 403],
    ['a Host that is none', { Host: '!' }, 'POST', '/ipp/print', 400],
    ['an Origin', { Origin: 'http://localhost' }, 'POST', '/ipp/print', 403],
    ['an opaque Origin', { Origin: 'null' }, 'POST', '/ipp/print', 403],
    ['GET', {}, 'GET', '/ipp/print', 405],
    ['PUT', {}, 'PUT', '/ipp/print', 405],
    ['a job for a page', {}, 'POST', '/icon-48.png', 405],
    ['what is not served', {}, 'GET', '/jobs', 404],
    ['a preflight', { Origin: 'http://evil.example' }, 'OPTIONS', '/ipp/print', 403],
    [
      'a preflight for private networks',
      { Origin: 'null', 'Access-Control-Request-Private-Network': 'true' },
      'OPTIONS',
      '/ipp/print',
      403
    ],
    ['a post by a page without Origin', { 'Sec-Fetch-Site': 'same-origin' }, 'POST', '/ipp/print', 403],
    ['a post that the person at the browser asked for', { 'Sec-Fetch-Site': 'none' }, 'POST', '/ipp/print', 403],
    [
      'an image for another site',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
      'GET',
      '/icon-48.png',
      403
    ],
    [
      'a frame in another site',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
      'GET',
      '/',
      403
    ],
    ['an address that is not its own', { Host: '192.0.2.1' }, 'POST', '/ipp/print', 403],
    ['a form', { 'Content-Type': 'multipart/form-data; boundary=x' }, 'POST', '/ipp/print', 415],
    ['no type', { 'Content-Type': '' }, 'POST', '/ipp/print', 415],
    ['a type that only begins like IPP', { 'Content-Type': 'application/ippx' }, 'POST', '/ipp/print', 415],
    ['another type', { 'Content-Type': 'text/plain' }, 'POST', '/ipp/print', 415],
    ['another path', {}, 'POST', '/admin', 404],
    ['an encoding', { 'Content-Encoding': 'gzip' }, 'POST', '/ipp/print', 415]
  ])('refuses %s', async (_what, headers, method, path, status) => {
    expect((await post(printer.port, ippRequest('Get-Printer-Attributes'), headers, path, method)).status).toBe(status);
  });

  it.each(['localhost', 'localhost:631', 'LOCALHOST.', '127.0.0.1', '[::1]:631'])(
    'answers to the name %s',
    async (host) => {
      const { body } = await post(printer.port, ippRequest('Get-Printer-Attributes'), { Host: host });
      const attributes = groupOf(decodeMessage(body), 'printer-attributes-tag');
      expect(firstString(attributes, 'printer-uri-supported')).toBe(`ipp://${host}/ipp/print`);
    }
  );

  it('answers to names that it was given, and to no others', async () => {
    const named = await startTestPrinter({ names: ['Printer.example'] });
    const ask = async (host: string) =>
      (await post(named.port, ippRequest('Get-Printer-Attributes'), { Host: host })).status;
    expect(await ask('PRINTER.example.:631')).toBe(200);
    expect(await ask('other.example')).toBe(403);
    await named.close();
  });

  it('shows people a page and its icons, strictly, and nothing of the request', async () => {
    const named = await startTestPrinter({ name: `<script>'"&` });
    const get = (path: string) => fetch(`http://127.0.0.1:${named.port}${path}`);
    const page = await get('/?name=injected');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    const html = await page.text();
    expect(html).toContain('<h1>&#60;script&#62;&#39;&#34;&#38;</h1>');
    expect(html).not.toContain('injected');
    for (const [path, size] of [
      ['/icon-48.png', 48],
      ['/icon-128.png', 128],
      ['/icon-512.png', 512]
    ] as const) {
      const icon = Buffer.from(await (await get(path)).arrayBuffer());
      expect(icon.subarray(1, 4).toString()).toBe('PNG');
      expect(icon.readUInt32BE(16)).toBe(size);
    }
    const opened = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
    expect((await post(named.port, Buffer.alloc(0), opened, '/', 'GET')).status).toBe(200);
    expect((await post(named.port, Buffer.alloc(0), {}, '/', 'HEAD')).body).toHaveLength(0);
    expect((await post(named.port, Buffer.alloc(0), {}, '*', 'OPTIONS')).status).toBe(200);
    await named.close();
  });

  it('says 100 Continue to whom it lets in, and nothing to others', async () => {
    const body = ippRequest('Get-Printer-Attributes');
    const good = await rawConnection(
      printer.port,
      head('Expect: 100-continue', `Content-Length: ${body.length}`, 'Connection: close')
    );
    const [first] = await once(good.socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1.1 100 Continue/);
    good.socket.write(body);
    expect(await good.answer).toContain('200 OK');
    const bad = await rawConnection(
      printer.port,
      head('Expect: 100-continue', 'Content-Length: 9', 'Origin: http://evil.example')
    );
    expect(await bad.answer).toMatch(/^HTTP\/1.1 403/);
  });

  it('keeps connections for the next request', async () => {
    const body = ippRequest('Get-Printer-Attributes', [keyword('requested-attributes', 'printer-name')]);
    const { socket, answer } = await rawConnection(printer.port, '');
    for (const last of ['keep-alive', 'close']) {
      const answered = once(socket, 'data');
      socket.write(head(`Content-Length: ${body.length}`, `Connection: ${last}`));
      socket.write(body);
      await answered;
    }
    expect((await answer).match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
  });

  it('survives headers without end and what is not HTTP', async () => {
    const long = await rawConnection(printer.port, head(`X: ${'x'.repeat(20_000)}`));
    expect(await long.answer).toMatch(/^HTTP\/1.1 431/);
    const noise = await rawConnection(printer.port, Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5, 10, 13]));
    expect(await noise.answer).toMatch(/^HTTP\/1.1 400/);
    expect((await ipp(printer.port, ippRequest('Get-Printer-Attributes'))).status).toBe('successful-ok');
  });
});

describe('IPP', () => {
  it('refuses the eighteen bytes that kill others, and goes on', async () => {
    const killer = Buffer.from('0101000b00000001014400016180000000', 'hex');
    const answer = await ipp(printer.port, killer, Buffer.of(0));
    expect(answer).toMatchObject({ status: 'client-error-bad-request', requestId: 1, version: '1.1' });
    expect((await post(printer.port, killer.subarray(0, 5))).status).toBe(400);
    expect((await ipp(printer.port, ippRequest('Get-Printer-Attributes'))).status).toBe('successful-ok');
  });

  it.each([
    [
      'attributes without end',
      Buffer.concat([Buffer.from('0200000b0000000101', 'hex'), Buffer.alloc(1.5 * 2 ** 20, 2)]),
      'client-error-request-entity-too-large'
    ],
    ['a message that is cut off', Buffer.from('0200000b000000010147', 'hex'), 'client-error-bad-request'],
    ['request-id 0', Buffer.from('0200000b000000000103', 'hex'), 'client-error-bad-request'],
    ['IPP 3.0', Buffer.from('0300000b000000010103', 'hex'), 'server-error-version-not-supported']
  ])('refuses %s', async (_what, bytes, status) => {
    expect((await ipp(printer.port, bytes)).status).toBe(status);
  });

  it.each([
    ['an operation it does not have', () => ippRequest(0x10), 'server-error-operation-not-supported'],
    [
      'another charset',
      () => Buffer.from(ippRequest('Get-Printer-Attributes').toString('latin1').replace('utf-8', 'utf-7'), 'latin1'),
      'client-error-charset-not-supported'
    ],
    ['an attribute that comes twice', () => ippRequest('Validate-Job', [pdf, pdf]), 'client-error-bad-request'],
    [
      'a name of 256 octets',
      () =>
        ippRequest('Validate-Job', [
          { name: 'job-name', values: [{ tag: 'nameWithoutLanguage', value: 'x'.repeat(256) }] }
        ]),
      'client-error-request-value-too-long'
    ],
    [
      'a format it does not take',
      () => ippRequest('Validate-Job', [mimeMediaType('document-format', 'text/html')]),
      'client-error-document-format-not-supported'
    ],
    [
      'a compression it does not know',
      () => ippRequest('Validate-Job', [keyword('compression', 'compress')]),
      'client-error-compression-not-supported'
    ],
    ['no document', () => ippRequest('Print-Job', [pdf]), 'client-error-bad-request'],
    ['an unknown job', () => ippRequest('Get-Job-Attributes', [integer('job-id', 12345)]), 'client-error-not-found'],
    ['job-id 0', () => ippRequest('Get-Job-Attributes', [integer('job-id', 0)]), 'client-error-bad-request'],
    [
      'an unknown which-jobs',
      () => ippRequest('Get-Jobs', [keyword('which-jobs', 'mine')]),
      'client-error-attributes-or-values-not-supported'
    ]
  ])('refuses %s', async (_what, bytes, status) => {
    expect((await ipp(printer.port, bytes())).status).toBe(status);
    expect(printer.jobs).toHaveLength(0);
  });

  it('accepts IPP/1.0 and job-uri targets', async () => {
    const old = ippRequest('Print-Job', [pdf]);
    old.set([1, 0]);
    const printed = await ipp(printer.port, old, Buffer.from('%PDF'));
    expect(printed).toMatchObject({ status: 'successful-ok', version: '1.0' });
    const jobUri = firstString(groupOf(printed, 'job-attributes-tag'), 'job-uri') ?? '';
    const byUri = await ipp(printer.port, ippRequest('Get-Job-Attributes', [uri('job-uri', jobUri)]));
    expect(jobOf(byUri)).toBe(jobOf(printed));
  });

  it('answers the groups and names that were asked for', async () => {
    const ask = async (...names: string[]) =>
      groupOf(
        await ipp(printer.port, ippRequest('Get-Printer-Attributes', [keyword('requested-attributes', ...names)])),
        'printer-attributes-tag'
      ).map(({ name }) => name);
    expect(await ask('printer-name', 'nonsense')).toEqual(['printer-name']);
    expect(await ask('job-template')).not.toContain('printer-name');
    expect(await ask('all')).not.toContain('media-col-database');
    expect(await ask('all', 'media-col-database')).toContain('media-col-database');
    expect((await ask('all')).length).toBeGreaterThan(95);
  });

  it('keeps what it does not know, says so, and refuses it when fidelity is asked', async () => {
    const vendor: IppAttribute = {
      name: 'vendor-thing',
      values: [{ tag: 'extension', value: { tag: 0x4001, bytes: Uint8Array.of(9) } }]
    };
    const ticket = [vendor, keyword('sides', 'two-sided-long-edge', 'folded'), enums('print-quality', 'high')];
    const answer = await ipp(printer.port, ippRequest('Print-Job', [pdf], ticket), Buffer.from('%PDF'));
    expect(answer.status).toBe('successful-ok-ignored-or-substituted-attributes');
    expect(groupOf(answer, 'unsupported-attributes-tag')).toEqual([
      { name: 'vendor-thing', values: [{ tag: 'unsupported', value: null }] },
      keyword('sides', 'folded')
    ]);
    expect(printer.jobs[0]?.request.attributes).toEqual(ticket);
    const strict = [pdf, boolean('ipp-attribute-fidelity', true)];
    const refused = await ipp(printer.port, ippRequest('Print-Job', strict, ticket), Buffer.from('%PDF'));
    expect(refused.status).toBe('client-error-attributes-or-values-not-supported');
    expect(printer.jobs).toHaveLength(1);
  });

  it.each([
    ['not-paired', 'server-error-not-accepting-jobs'],
    ['storage-full', 'server-error-temporary-error'],
    ['rate-limited', 'server-error-busy']
  ] as const)('says %s as %s, before and during a document', async (code, status) => {
    printer.control.refusal = new LetterlockError(code);
    const before = await ipp(printer.port, ippRequest('Print-Job', [pdf]), randomBytes(3_000_000));
    expect(before.status).toBe(status);
    const message = firstString(groupOf(before, 'operation-attributes-tag'), 'status-message');
    expect(message).toContain(publicErrors[code].message);
    printer.control.refusal = null;
    printer.control.onChunk = async () => {
      throw new LetterlockError(code);
    };
    expect((await ipp(printer.port, ippRequest('Print-Job', [pdf]), randomBytes(3_000_000))).status).toBe(status);
    expect(printer.jobs[0]?.state).toBe('aborted');
  });
});

describe('jobs', () => {
  it('are listed as asked', async () => {
    for (const user of ['ada', 'bob', 'ada']) {
      await ipp(
        printer.port,
        ippRequest('Print-Job', [nameAttribute('requesting-user-name', user), pdf]),
        Buffer.from('%PDF')
      );
    }
    const open = jobOf(
      await ipp(printer.port, ippRequest('Create-Job', [nameAttribute('requesting-user-name', 'ada')]))
    );
    const list = async (...attributes: IppAttribute[]) =>
      (
        await ipp(printer.port, ippRequest('Get-Jobs', [nameAttribute('requesting-user-name', 'ada'), ...attributes]))
      ).groups
        .slice(1)
        .map((group) => firstInteger(group.attributes, 'job-id'));
    expect(await list()).toEqual([open]);
    expect(await list(keyword('which-jobs', 'completed'))).toHaveLength(3);
    expect(await list(keyword('which-jobs', 'completed'), boolean('my-jobs', true))).toHaveLength(2);
    expect(await list(keyword('which-jobs', 'all'), integer('limit', 1))).toEqual([open]);
    expect(
      (await ipp(printer.port, ippRequest('Cancel-My-Jobs', [nameAttribute('requesting-user-name', 'bob')]))).status
    ).toBe('successful-ok');
    expect(await list()).toEqual([open]);
    await ipp(printer.port, ippRequest('Cancel-My-Jobs', [nameAttribute('requesting-user-name', 'ada')]));
    expect(await list()).toEqual([]);
  });
});
