import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProcesses, letterlock } from '../../build/processes.mjs';
import { needs } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

/** The command line: a coordinator with its embedded database is backed up, killed, and made anew on a PostgreSQL server. */
describe.runIf(needs('setpriv', 'root'))('backup and restore', () => {
  const passphrase = 'correct horse battery staple\n';
  let folder: string;
  let server: PostgresServer;
  let processes: ReturnType<typeof createProcesses>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-backup-'));
    processes = createProcesses(join(folder, 'logs'));
    server = await startPostgres();
  });
  afterAll(async () => {
    await processes?.stopAll();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  test('a coordinator moves from a file to a server', async () => {
    const before = join(folder, 'before');
    const file = join(folder, 'backup');
    const first = await processes.startRole('first', before, ['coordinator', 'run', '--organization', 'Registry']);
    await letterlock(before, ['admin', 'user', 'add', 'Ada', '--pin', '-'], { input: '4711\n' });
    const made = await letterlock(before, ['admin', 'backup', 'create', file], { input: passphrase });
    expect(made).toMatchObject({ id: expect.any(String), bytes: expect.any(Number) });
    process.kill(first.pid, 'SIGKILL');

    const after = join(folder, 'after');
    const password = join(folder, 'password');
    await writeFile(password, server.password, { mode: 0o600 });
    const database = ['--database', server.tcpUrl(await server.create()), '--database-password', `@${password}`];
    const wrong = letterlock(after, ['coordinator', 'restore', file, ...database], { input: `not ${passphrase}` });
    await expect(wrong).rejects.toThrow(/backup-unreadable/);
    const restored = await letterlock(after, ['coordinator', 'restore', file, ...database], { input: passphrase });
    expect(restored).toMatchObject({ name: 'Registry', doubtful: 0 });

    const second = await processes.startRole('second', after, ['coordinator', 'run', ...database]);
    expect(second).toMatchObject({ url: first.url, webUrl: first.webUrl });
    expect(await letterlock(after, ['admin', 'user', 'list'])).toMatchObject([{ name: 'Ada', hasPin: true }]);
    expect(await letterlock(after, ['admin', 'audit', 'verify'])).toMatchObject({ intact: true });
  });
});
