import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { printedFiles, sha256OfFile } from '../support/documents.ts';
import type { Host } from './hosts.ts';

/** A real printer, `ippeveprinter`, on its host. Its tray outlives it: what it printed before it lost power still lies there. */
export interface ChaosPrinter {
  readonly host: Host;
  readonly uri: string;
  readonly certificateSha256: string;
  /** Where it writes what it prints; a folder that stays the same. */
  readonly spool: string;
  start(): Promise<void>;
  running(): boolean;
  kill(): Promise<void>;
  /** SHA-256 of each document that lies in the tray, as often as it lies there. What broke off halfway has another one. */
  tray(): Promise<readonly string[]>;
}

const port = 8631;
const tries = 10;

export async function createPrinter(host: Host, folder: string): Promise<ChaosPrinter> {
  const spool = join(folder, 'spool');
  let child: ChildProcess | undefined;
  let trays = 0;
  let certificateSha256 = '';
  await mkdir(folder, { recursive: true });

  async function startOnce() {
    const [command = '', ...words] = [
      ...host.enter,
      process.execPath,
      resolve(import.meta.dirname, 'printer-process.mjs'),
      folder,
      host.hostName,
      String(port)
    ];
    child = spawn(command, words, { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin?.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => Promise.reject(new Error('the printer ended at its start')))
    ]);
    ({ certificateSha256 } = JSON.parse(line));
  }
  /** What belonged to the one before ends a moment after it, and holds the port until then. */
  async function start() {
    for (let left = tries; ; left -= 1) {
      try {
        return await startOnce();
      } catch (error) {
        if (left === 1) throw error;
        await delay(500);
      }
    }
  }
  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  await start();
  return {
    host,
    spool,
    uri: `ipps://${host.address}:${port}/ipp/print`,
    get certificateSha256() {
      return certificateSha256;
    },
    start,
    running,
    async kill() {
      if (!child || !running()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      // It counts its jobs from 1 again, and would overwrite what it printed.
      trays += 1;
      await rename(spool, join(folder, `tray-${trays}`));
      await mkdir(spool, { mode: 0o700 });
    },
    async tray() {
      const folders = [spool, ...Array.from({ length: trays }, (_, index) => join(folder, `tray-${index + 1}`))];
      const files = (await Promise.all(folders.map(printedFiles))).flat();
      return Promise.all(files.map(sha256OfFile));
    }
  };
}
