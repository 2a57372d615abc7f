import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoLine } from './demo.ts';

/**
 * Records every packet on loopback between Letterlock's parts and to the printer. Left out is only the way from the printing
 * program to the virtual printer: that is the plaintext that Letterlock is there to receive.
 */
export async function startCapture(
  line: DemoLine
): Promise<{ stop(): Promise<{ bytes: number; contains(text: string): boolean }> }> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-capture-'));
  const file = join(folder, 'packets.pcap');
  const { port } = new URL(line.virtualPrinter.replace(/^ipp/, 'http'));
  const tcpdump = spawn('tcpdump', ['-i', 'lo', '-U', '-s', '0', '-w', file, 'tcp', 'and', 'not', 'port', port], {
    stdio: ['ignore', 'ignore', 'pipe']
  });
  for await (const chunk of tcpdump.stderr as AsyncIterable<Buffer>) if (chunk.includes('listening on')) break;
  return {
    async stop() {
      tcpdump.kill('SIGINT');
      await once(tcpdump, 'exit');
      const packets = await readFile(file);
      await rm(folder, { recursive: true, force: true });
      return { bytes: packets.length, contains: (text) => packets.includes(text) };
    }
  };
}
