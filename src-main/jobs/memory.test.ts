import { setTimeout as soon } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MiB } from '../base/limits.ts';
import { createTestClient, never, one, ticket } from './testing/client.ts';

it('memory does not grow with the document: 256 MiB to two nodes', async () => {
  const client = await createTestClient();
  for (const node of client.mesh.all()) node.faults.forgetful = true;
  const used = () => {
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return arrayBuffers + heapUsed;
  };
  const piece = Buffer.alloc(64 * 1024 - 37, 7);
  let peak = 0;
  async function* large(size: number) {
    for (let sent = 0; sent < size; sent += piece.length) {
      yield piece;
      peak = Math.max(peak, used());
      if (sent % MiB < piece.length) await soon(0);
    }
  }
  const print = async (size: number) => {
    const job = client.jobs.begin(ticket);
    await client.jobs.documents(job, one(large(size)), never);
  };
  await print(8 * MiB);
  const [before, rss] = [used(), process.memoryUsage().rss];
  peak = 0;
  await print(256 * MiB);
  expect(peak - before).toBeLessThan(48 * MiB);
  expect(process.memoryUsage().rss - rss).toBeLessThan(64 * MiB);
  await client.remove();
});
