import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { type AuditRow, genesis, rowHash } from '../../src-main/coordinator/audit/chain.ts';
import { type AuditForwarding, openAuditForwarding } from '../../src-main/coordinator/audit/forward/forwarding.ts';
import { createTestLog, type TestLog } from '../../src-main/coordinator/audit/testing/log.ts';
import { needs } from '../support/needs.ts';

/** The audit log at a receiver that somebody else wrote: syslog-ng, over TLS, parsing the messages by RFC 5424. */
describe.runIf(needs('syslog-ng'))('syslog-ng receives the audit log', () => {
  let log: TestLog;
  let forwarding: AuditForwarding;
  let folder: string;
  let port: number;
  let program: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-syslog-'));
    log = await createTestLog();
    port = await freePort();
    const { keyPem, certificatePem } = log.identity.tls;
    await writeFile(join(folder, 'key.pem'), keyPem, { mode: 0o600 });
    await writeFile(join(folder, 'certificate.pem'), certificatePem);
    await writeFile(join(folder, 'received.log'), '');
    await writeFile(
      join(folder, 'syslog-ng.conf'),
      `@version: 3.38
source tls {
  syslog(ip("127.0.0.1") port(${port}) transport("tls") tls(
    key-file("${folder}/key.pem") cert-file("${folder}/certificate.pem") peer-verify(optional-untrusted)
  ));
};
destination file {
  file("${folder}/received.log" template("$MSGID \${.SDATA.letterlock@32473.sequence} \${.SDATA.letterlock@32473.subject}\\t$MSG\\n"));
};
log { source(tls); destination(file); };
`
    );
    forwarding = await openAuditForwarding({
      store: log.store,
      organization: log.identity.organization,
      rootKey: log.rootKey,
      changes: log.changes,
      perform: log.perform,
      clock: systemClock,
      logger: silentLogger
    });
    forwarding.start();
  });
  afterAll(async () => {
    await stop();
    await forwarding?.close();
    await log?.close();
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<void> {
    const at = (name: string) => join(folder, name);
    program = spawn(
      'syslog-ng',
      ['-F', '-f', at('syslog-ng.conf'), '-p', at('pid'), '-c', at('control'), '-R', at('persist'), '--no-caps'],
      { stdio: 'ignore' }
    );
    await once(program, 'spawn');
  }
  async function stop(): Promise<void> {
    if (!program || program.exitCode !== null) return;
    const ended = once(program, 'exit');
    program.kill('SIGTERM');
    await ended;
  }
  /** Its lines, once row `last` is among them. */
  async function received(last: number): Promise<string[]> {
    const file = join(folder, 'received.log');
    const enough = async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
      return lines.some((line) => line.split(' ')[1] === String(last)) && lines;
    };
    return new Promise((resolve) => {
      const look = async () => {
        const lines = await enough();
        if (!lines) return;
        changes.close();
        resolve(lines);
      };
      const changes = watch(file, () => void look());
      void look();
    });
  }

  it('takes every row, with names of any kind, and what it keeps is the chain itself', async () => {
    await start();
    await log.add(4);
    await log.perform('admin:ada', async ({ record }) => record('printer.added', 'Büro "2" ] \\ [x', { name: ']"\\' }));
    const target = { kind: 'syslog', host: '127.0.0.1', port, ca: log.identity.tls.authorityPem } as const;
    await forwarding.add({ name: 'siem', target, after: 0 }, 'admin:test');
    const lines = await received((await log.store.tables.audit.last())?.sequence ?? 0);

    let hash = genesis(log.identity.organization);
    for (const line of lines) {
      const row: AuditRow = JSON.parse(line.slice(line.indexOf('\t') + 1));
      hash = rowHash(hash, row);
      expect(row.hash).toBe(hash);
      expect(line.startsWith(`${row.action} ${row.sequence} ${row.subject}\t`)).toBe(true);
    }
    expect(lines).toHaveLength(6);
  });

  it('gets what was written while it was away', async () => {
    await stop();
    await log.add(3);
    await start();
    const lines = await received((await log.store.tables.audit.last())?.sequence ?? 0);
    expect([...new Set(lines.map((line) => Number(line.split(' ')[1])))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
