import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

/**
 * Raw transfer: the file's bytes over mutually authenticated TLS 1.3 to receivers in processes of their own, which write them to
 * disk, fdatasync, and answer one byte. What any networked spooler has to do at the very least.
 */
export async function startReceivers(
  folder: string,
  count: number
): Promise<{ send(file: string, only?: number): Promise<number>; close(): Promise<void> }> {
  const identity = await selfSigned(folder);
  const receivers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const child = fork(join(import.meta.dirname, 'receiver.mjs'), [
        identity.keyFile,
        identity.certFile,
        join(folder, `received-${index}`)
      ]);
      const [port] = (await once(child, 'message')) as [number];
      return { child, port };
    })
  );
  const sockets = await Promise.all(receivers.map(({ port }) => open1(port, identity)));
  return {
    async send(file, only = count) {
      const targets = sockets.slice(0, only);
      const from = performance.now();
      await fanOut(file, targets);
      return (performance.now() - from) / 1000;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const { child } of receivers) {
        child.disconnect();
        await once(child, 'exit');
      }
    }
  };
}

/** Two reused buffers; the pace is that of the slowest receiver. */
async function fanOut(file: string, sockets: TLSSocket[]): Promise<void> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(size));
  for (const socket of sockets) socket.write(length);
  const buffers = [Buffer.allocUnsafe(1 << 20), Buffer.allocUnsafe(1 << 20)];
  let pending: Promise<unknown> = Promise.resolve();
  for (let round = 0, left = size; left > 0; round++) {
    const buffer = buffers[round % 2] as Buffer;
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    await pending;
    left -= bytesRead;
    pending = Promise.all(
      sockets.map(
        (socket) => new Promise<void>((done) => void socket.write(buffer.subarray(0, bytesRead), () => done()))
      )
    );
  }
  await Promise.all(sockets.map((socket) => once(socket, 'data')));
  await handle.close();
}

interface Identity {
  readonly keyFile: string;
  readonly certFile: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

async function open1(port: number, { key, cert }: Identity): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    key,
    cert,
    ca: cert,
    minVersion: 'TLSv1.3',
    checkServerIdentity: () => undefined
  });
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  return socket;
}

async function selfSigned(folder: string): Promise<Identity> {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyFile,
    '-out',
    certFile,
    '-days',
    '2',
    '-subj',
    '/CN=bench'
  ]);
  return { keyFile, certFile, key: await readFile(keyFile), cert: await readFile(certFile) };
}
