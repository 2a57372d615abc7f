import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoLine } from './demo.ts';

export interface Capture {
  /** Ends the recording, once. */
  stop(): Promise<{ readonly bytes: number; contains(text: string): boolean }>;
}

/**
 * Records every packet on loopback between Letterlock's parts and to the printer. Left out is only the way from the printing
 * program to the virtual printer: that is the plaintext that Letterlock is there to receive.
 */
export async function startCapture(line: DemoLine): Promise<Capture> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-capture-'));
  const file = join(folder, 'packets.pcap');
  const { port } = new URL(line.virtualPrinter.replace(/^ipp/, 'http'));
  const args = ['-i', 'lo', '--immediate-mode', '-U', '-s', '0', '-w', file, 'tcp', 'and', 'not', 'port', port];
  const tcpdump = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const chunk of tcpdump.stderr.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (chunk.includes('listening on')) break;
  }
  tcpdump.stderr.resume();
  let stopped: ReturnType<Capture['stop']> | undefined;

  async function finish() {
    tcpdump.kill('SIGINT');
    await once(tcpdump, 'exit');
    const packets = await readFile(file);
    await rm(folder, { recursive: true, force: true });
    return { bytes: packets.length, contains: (text: string) => packets.includes(text) };
  }
  return {
    stop: () => {
      stopped ??= finish();
      return stopped;
    }
  };
}
