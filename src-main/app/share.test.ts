import { randomInt, randomUUID, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { DeviceId } from '../../src-preload/contract/ids.ts';
import { createMemoryIntake } from '../../tests/support/memory-intake.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { linksFor } from '../discovery/links.ts';
import { openDiscovery } from '../discovery/multicast-discovery.ts';
import type { Discovery, FoundService } from '../discovery/port.ts';
import { watch } from '../discovery/testing/compliance.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { boolean, firstBoolean, firstString, keyword, mimeMediaType, range, stringsOf } from '../ipp/attributes.ts';
import { openPrinter } from '../ipp/client.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { certificateSha256 } from '../ipp/printer-connection.ts';
import { type OpenShare, openShare } from './share.ts';

const colorLaser = [
  boolean('color-supported', true),
  keyword('sides-supported', 'one-sided', 'two-sided-long-edge'),
  keyword('print-color-mode-supported', 'monochrome', 'color'),
  range('copies-supported', 1, 99),
  mimeMediaType('document-format-supported', 'application/pdf', 'image/urf', 'image/jpeg'),
  keyword('urf-supported', 'V1.4', 'CP99', 'W8', 'SRGB24', 'RS600'),
  keyword('media-supported', 'iso_a4_210x297mm', 'iso_a3_297x420mm')
];
const monochrome = [
  boolean('color-supported', false),
  keyword('sides-supported', 'one-sided'),
  keyword('print-color-mode-supported', 'monochrome'),
  range('copies-supported', 1, 1),
  mimeMediaType('document-format-supported', 'application/pdf'),
  keyword('media-supported', 'iso_a4_210x297mm')
];

async function share(
  { onTestFinished }: TestContext,
  change: { port?: number; mdnsPort?: number; name?: string } = {}
) {
  const { mdnsPort = randomInt(20_000, 60_000), name = 'Letterlock Hall' } = change;
  const dataDir = await mkdtemp(join(tmpdir(), 'letterlock-share-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const memory = createMemoryIntake();
  memory.control.printers = [colorLaser];
  const names: string[] = [];
  const renamed = new EventTarget();
  const opened: OpenShare = await openShare({
    host: '127.0.0.1',
    port: 0,
    name,
    uuid: randomUUID(),
    dataDir,
    identity: { id: DeviceId.parse(randomUUID()) },
    secrets: plainSecrets,
    access: { authentication: 'basic', admit: async () => null },
    intake: memory.intake,
    clock: systemClock,
    logger: silentLogger,
    onName(name) {
      names.push(name);
      renamed.dispatchEvent(new Event('renamed'));
    },
    mdnsPort
  });
  onTestFinished(() => opened.close());
  const neighbour = await openDiscovery({
    links: linksFor('127.0.0.1'),
    port: mdnsPort,
    clock: systemClock,
    logger: silentLogger
  });
  onTestFinished(() => neighbour.close());
  const cert = new X509Certificate(await readFile(join(dataDir, 'loopback', 'certificate.pem')));
  const ask = (): Promise<IppAttribute[]> =>
    openPrinter({
      uri: `ipps://127.0.0.1:${opened.port}/ipp/print`,
      pin: certificateSha256(cert.raw),
      signal: AbortSignal.timeout(10_000)
    }).getPrinterAttributes();
  return { ...memory, opened, neighbour, ask, names, cert, renamed };
}

const text = ({ txt }: FoundService, key: string) =>
  Buffer.from((txt.get(key.toLowerCase()) || '') as Uint8Array).toString();
const find = (discovery: Discovery, type: string, wanted?: (service: FoundService) => boolean) =>
  watch(discovery, type).up(wanted);

/** Each key against the attribute that it repeats. */
function expectAgreement(service: FoundService, attributes: readonly IppAttribute[]): void {
  const said = (key: string) => text(service, key);
  expect(said('UUID')).toBe(firstString(attributes, 'printer-uuid')?.slice('urn:uuid:'.length));
  expect(said('ty')).toBe(firstString(attributes, 'printer-make-and-model'));
  expect(said('pdl').split(',')).toEqual(stringsOf(attributes, 'document-format-supported'));
  expect(said('URF')).toBe(stringsOf(attributes, 'urf-supported').join() || 'none');
  expect(said('Color')).toBe(firstBoolean(attributes, 'color-supported') ? 'T' : 'F');
  expect(said('Duplex')).toBe(stringsOf(attributes, 'sides-supported').length > 1 ? 'T' : 'F');
  expect(said('mopria-certified')).toBe(firstString(attributes, 'mopria-certified'));
  expect(said('air')).toBe('username,password');
  expect(stringsOf(attributes, 'uri-authentication-supported')).toContain('basic');
  expect(said('TLS')).toBe('1.2');
  expect(service.name).toBe(firstString(attributes, 'printer-dns-sd-name'));
  const uris = stringsOf(attributes, 'printer-uri-supported').map((uri) => new URL(uri));
  expect(uris.map(({ port }) => Number(port))).toContain(service.port);
  expect(uris.map(({ pathname }) => pathname)).toContain(`/${said('rp')}`);
  const page = new URL(said('adminurl'));
  expect(page.hostname).toBe(service.host);
  expect(page.pathname).toBe(new URL(firstString(attributes, 'printer-more-info') ?? '').pathname);
}

it.concurrent('announces what the printer answers, in every type that phones look for, and follows its changes', async (test) => {
  const { neighbour, ask, control, intake, opened, cert } = await share(test);
  const types = ['_ipp._tcp', '_ipps._tcp', '_universal._sub._ipp._tcp', '_print._sub._ipps._tcp'];
  const found = await Promise.all(types.map((type) => find(neighbour, type)));
  const attributes = await ask();
  for (const service of found) expectAgreement(service, attributes);
  const [first] = found;
  expect(opened.uri).toBe(`ipps://${first?.host}:${first?.port}/ipp/print`);
  expect(cert.checkHost(first?.host ?? '')).toBe(first?.host);
  expect(first && [text(first, 'Color'), text(first, 'PaperMax'), text(first, 'Duplex')]).toEqual([
    'T',
    'tabloid-A3',
    'T'
  ]);
  expect((await find(neighbour, '_printer._tcp')).port).toBe(0);

  control.printers = [monochrome];
  intake.begin({ name: '', userName: '', attributes: [], held: false }); // some change
  const changed = await find(neighbour, '_ipps._tcp', (service) => text(service, 'Color') === 'F');
  expectAgreement(changed, await ask());
  expect([text(changed, 'PaperMax'), text(changed, 'Copies')]).toEqual(['legal-A4', 'F']);
});

it.concurrent('takes another name where its own is taken, and the printer says that name', async (test) => {
  const mdnsPort = randomInt(20_000, 60_000);
  const first = await share(test, { mdnsPort });
  await find(first.neighbour, '_ipp._tcp');
  const second = await share(test, { mdnsPort });
  if (second.names.length === 0) await new Promise((done) => second.renamed.addEventListener('renamed', done));
  expect(second.names).toEqual(['Letterlock Hall (2)']);
  expect(firstString(await second.ask(), 'printer-dns-sd-name')).toBe('Letterlock Hall (2)');
  await find(first.neighbour, '_ipps._tcp', ({ name }) => name === 'Letterlock Hall (2)');
});

it.concurrent('says goodbye', async (test) => {
  const { neighbour, opened } = await share(test);
  const watching = watch(neighbour, '_ipps._tcp');
  await watching.up();
  await opened.close();
  await watching.down();
});
