import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Engine, startEngine } from '../../src-main/app/compose.ts';
import { openInstallation } from '../../src-main/app/os-printer.ts';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { plainSecrets } from '../../src-main/identity/safe-secret.ts';
import { boolean, keyword } from '../../src-main/ipp/attributes.ts';
import { decodeMessage, encodeMessage } from '../../src-main/ipp/codec.ts';
import { loopbackAccess } from '../../src-main/ipp/loopback-access.ts';
import type { IppAttribute } from '../../src-main/ipp/message.ts';
import type { Installation } from '../../src-main/os-printer/installation.ts';
import { macosPrinter } from '../../src-main/os-printer/macos.ts';
import { osPrinter } from '../../src-main/os-printer/platform.ts';
import { runTool } from '../../src-main/os-printer/run-tool.ts';
import { selfSigned } from '../support/certificates.ts';
import { type Cupsd, startCupsd } from '../support/cups.ts';
import { sha256 } from '../support/documents.ts';
import { needs } from '../support/needs.ts';
import { pdfDocument } from '../support/pdf.ts';
import { startTestPrinter, type TestPrinter } from '../support/test-printer.ts';

const credentials = { user: 'letterlock', password: 'a password/with+characters=of:URIs@' };
const tls = selfSigned();

/** A real cupsd of our own, and the virtual printer as the client role starts it: TLS, and credentials for everybody else. */
describe.runIf(needs('root', 'cupsd', 'lp'))('the virtual printer in CUPS', () => {
  let cups: Cupsd;
  let printer: TestPrinter;
  let folder: string;
  let installation: Installation;
  let printers: IppAttribute[][] = [];
  let jobs = 0;

  beforeAll(async () => {
    cups = await startCupsd();
    for (const [name, value] of Object.entries(cups.environment)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await cups?.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-os-printer-'));
    printers = [];
    printer = await startPrinter();
    installation = await open();
  });
  afterEach(async () => {
    await installation.remove();
    await installation.close();
    await printer.close();
    await rm(folder, { recursive: true, force: true });
  });

  const startPrinter = () => {
    // The print system's own processes run as another user; here so does everything else, so that credentials count.
    const access = loopbackAccess({ credentials, clock: systemClock, logger: silentLogger, userOf: async () => null });
    return startTestPrinter({ tls, access });
  };
  const open = (mode: 'install' | 'off' = 'install', onChange = () => {}) =>
    openInstallation({
      dataDir: folder,
      mode,
      port: printer.port,
      credentials,
      printers: () => printers,
      paired: () => true,
      onChange,
      logger: silentLogger
    });
  const reopen = async (...how: Parameters<typeof open>) => {
    await installation.close();
    installation = await open(...how);
  };
  const device = async () =>
    /device for (\S+): (\S+)/.exec(await cups.client('lpstat', '-v').catch(() => ''))?.slice(1);
  const address = () => `ipps://127.0.0.1:${printer.port}/ipp/print`;

  async function print(lp: (...args: string[]) => Promise<string>): Promise<void> {
    const pdf = pdfDocument(20);
    const file = join('/tmp', `letterlock-os-printer-${process.pid}.pdf`);
    await writeFile(file, pdf);
    const finished = printer.finished();
    await lp('-d', 'Letterlock', file).finally(() => rm(file));
    jobs += 1;
    const [job] = await Promise.all([finished, cups.completed(jobs)]);
    expect(job).toMatchObject({ state: 'completed', sha256: sha256(pdf) });
  }

  it('installs itself and prints through, byte for byte; removed, it leaves nothing', async () => {
    expect(installation.view()).toBeNull();
    expect(await installation.check()).toEqual({ state: 'installed', queue: 'Letterlock' });
    await print((...args) => cups.client('lp', ...args));
    expect(await cups.client('lpstat', '-p', 'Letterlock')).toContain('is idle');

    expect(await installation.remove()).toMatchObject({ state: 'off' });
    expect(await device()).toBeUndefined();
    expect(await installation.check()).toMatchObject({ state: 'off' });
  });

  it('shows its password to cupsd alone', async () => {
    await installation.check();
    expect(await device()).toEqual(['Letterlock', address()]);
    expect(await readFile(join(folder, 'os-printer.json'), 'utf8')).not.toContain('password');
    const configuration = join(cups.environment.CUPS_SERVERROOT, 'printers.conf');
    await vi.waitFor(async () => expect(await readFile(configuration, 'utf8')).toContain('DeviceURI'), 10_000);
    expect(await readFile(configuration, 'utf8')).toContain(encodeURIComponent(credentials.password));
  });

  it.runIf(needs('setpriv'))('prints for its owner, whatever name others claim', async () => {
    await installation.check();
    const file = join('/tmp', `letterlock-os-printer-other-${process.pid}.pdf`);
    await writeFile(file, pdfDocument(1), { mode: 0o644 });
    const args = ['-d', 'Letterlock', file];
    await expect(cups.clientAs('nobody', 'lp', ...args)).rejects.toThrow(/Not allowed to print/);
    await expect(cups.clientAs('nobody', 'lp', '-U', 'root', ...args)).rejects.toThrow(/Unauthorized|Forbidden/);
    expect(printer.jobs).toEqual([]);
    await rm(file);
  });

  it('keeps what is printed while the virtual printer does not run, and follows it to another port', async () => {
    await installation.check();
    await installation.close();
    await printer.close();
    expect(await cups.client('lpstat', '-p', 'Letterlock')).toContain('disabled'); // no other program gets a job
    const file = join(folder, 'early.pdf');
    const pdf = pdfDocument(3);
    await writeFile(file, pdf);
    await cups.client('lp', '-d', 'Letterlock', file);
    jobs += 1;

    printer = await startPrinter();
    const early = printer.finished();
    installation = await open();
    expect(await installation.check()).toEqual({ state: 'installed', queue: 'Letterlock' });
    expect(await device()).toEqual(['Letterlock', address()]);
    const [job] = await Promise.all([early, cups.completed(jobs)]);
    expect(job).toMatchObject({ state: 'completed', sha256: sha256(pdf) });
  });

  it('comes back by itself when somebody deleted its queue', async () => {
    const seen: unknown[] = [];
    let back = () => {};
    await reopen('install', () => {
      seen.push(installation.view()?.state);
      if (seen.length === 4) back();
    });
    await installation.check();
    const isBack = new Promise<void>((done) => {
      back = done;
    });
    await cups.client('lpadmin', '-x', 'Letterlock');
    await isBack;
    expect(seen).toEqual(['missing', 'installed', 'missing', 'installed']);
    expect(await device()).toEqual(['Letterlock', address()]);
  });

  it('is told its password again once CUPS began to ask people for one', async () => {
    await installation.check();
    await cups.client('lpadmin', '-p', 'Letterlock', '-o', 'auth-info-required=username,password');
    expect(await installation.check()).toMatchObject({ state: 'installed' });
    await print((...args) => cups.client('lp', ...args));
  });

  it('leaves a queue of the same name alone', async () => {
    await cups.client('lpadmin', '-p', 'Letterlock', '-E', '-v', 'ipp://printer.example/ipp/print');
    try {
      expect(await installation.check()).toEqual({ state: 'installed', queue: 'Letterlock-root' });
      await installation.remove();
      expect(await device()).toEqual(['Letterlock', 'ipp://printer.example/ipp/print']);
      await cups.client('lpadmin', '-p', 'Letterlock-root', '-E', '-v', 'ipp://printer.example/ipp/print');
      await expect(installation.install({})).rejects.toMatchObject({ code: 'queue-taken' });
      expect(installation.view()).toMatchObject({ state: 'failed', failure: { code: 'queue-taken' } });
      await installation.remove();
      expect((await cups.client('lpstat', '-v')).match(/printer\.example/g)).toHaveLength(2);
    } finally {
      await cups.client('lpadmin', '-x', 'Letterlock');
      await cups.client('lpadmin', '-x', 'Letterlock-root').catch(() => undefined);
    }
  });

  it('tells CUPS when the printers of the site have changed', async () => {
    await installation.check();
    const ppd = join(cups.environment.CUPS_SERVERROOT, 'ppd', 'Letterlock.ppd');
    await rm(ppd);
    printers = [[boolean('color-supported', true), keyword('sides-supported', 'one-sided')]];
    expect(await installation.check()).toMatchObject({ state: 'installed' });
    await vi.waitFor(() => readFile(ppd), 10_000);
  });

  it('does nothing unasked where it is off, and what is asked for', async () => {
    await reopen('off');
    expect(await installation.check()).toMatchObject({ state: 'off' });
    expect(await device()).toBeUndefined();
    expect(await installation.install({ asDefault: true })).toMatchObject({ state: 'installed' });
    expect(await cups.client('lpstat', '-d')).toContain('Letterlock');
    await installation.remove();
    await expect(readFile(join(cups.environment.HOME, '.cups/lpoptions'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says so where CUPS does not answer', async () => {
    await installation.check();
    vi.stubEnv('CUPS_SERVER', join(folder, 'nobody-listens.sock'));
    await reopen();
    vi.stubEnv('CUPS_SERVER', cups.environment.CUPS_SERVER);
    expect(await installation.check()).toMatchObject({
      state: 'unsupported',
      failure: { code: 'print-system-unavailable' }
    });
    await expect(installation.remove()).rejects.toMatchObject({ code: 'print-system-unavailable' });
    await reopen();
  });

  it('says so where the user may not add printers', async () => {
    const codec = { encode: encodeMessage, decode: decodeMessage };
    // root that claims to be somebody else is nobody to cupsd
    const system = osPrinter({ platform: 'linux', codec, user: 'nobody', env: process.env });
    const queue = { name: 'Letterlock', port: printer.port, credentials, owner: 'nobody' };
    await expect(system.install(queue)).rejects.toMatchObject({ code: 'print-system-refused' });
    expect(await device()).toBeUndefined();
  });

  it('the client role installs when asked, shows it, and keeps the same queue over a restart', async () => {
    const start = () => startEngine({ role: 'client', dataRoot: folder, secrets: plainSecrets, logger: silentLogger });
    const call = async (engine: Engine, procedure: string) => {
      const answer = await engine.dispatch('local', procedure, {});
      return answer.ok ? answer.value : answer;
    };
    let engine = await start();
    try {
      expect(await call(engine, 'client.printer.install')).toEqual({ state: 'installed', queue: 'Letterlock' });
      expect(await call(engine, 'client.state')).toMatchObject({
        virtualPrinter: { installation: { state: 'installed' } }
      });
      const installed = await device();
      await engine.stop();
      expect(await cups.client('lpstat', '-p', 'Letterlock')).toContain('disabled');
      engine = await start();
      await vi.waitFor(
        async () => expect(await cups.client('lpstat', '-p', 'Letterlock')).toContain('is idle'),
        10_000
      );
      expect(await device()).toEqual(installed);
      expect(await call(engine, 'client.printer.remove')).toMatchObject({ state: 'off' });
      expect(await device()).toBeUndefined();
    } finally {
      await engine.stop();
    }
  });

  it.runIf(needs('ipptool'))('the commands for macOS do the same to this CUPS', async () => {
    const macos = macosPrinter({ runTool, home: folder, server: encodeURIComponent(cups.environment.CUPS_SERVER) });
    const queue = { name: 'Letterlock', port: printer.port, credentials, owner: 'root' };
    expect(await macos.status('Letterlock')).toBeNull();
    await macos.install(queue);
    expect(await macos.status('Letterlock')).toEqual({ device: address(), complete: true, busy: false });
    await print((...args) => cups.client('lp', ...args));
    await macos.pause('Letterlock');
    expect(await macos.status('Letterlock')).toMatchObject({ complete: false });
    await macos.remove('Letterlock');
    expect(await macos.status('Letterlock')).toBeNull();
  });
});
