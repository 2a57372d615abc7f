import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UserId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { startNode } from '../mesh/node.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import { createTestOrganization } from '../mesh/testing/organization.ts';
import { createClientJobs } from './client-jobs.ts';
import { documentOf, never, ticket, until } from './testing/client.ts';

/** From the outbox to a real node, over a wire that breaks. */
let dataDir: string;
const opened: (() => unknown)[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-resume-'));
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Carries TCP to `target`: not at all before it is plugged in, and cut each time so many bytes have gone up. */
async function openWire(target: string, cutEvery: number, cuts: number) {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  const wire = { up: 0, cuts: 0, plugged: false };
  const server = createServer((from) => {
    if (!wire.plugged) return from.destroy();
    const to = connect(Number(port), '127.0.0.1');
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => (socket === from ? to : from).destroy());
    }
    from.on('data', (chunk) => {
      wire.up += chunk.length;
      if (wire.cuts < cuts && wire.up > (wire.cuts + 1) * cutEvery) {
        wire.cuts += 1;
        for (const socket of sockets) socket.destroy();
        sockets.clear();
      } else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    to.pipe(from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { wire, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('of a transfer that is cut twice only the rest is sent again', async () => {
  const organization = await createTestOrganization();
  opened.push(() => organization.close());
  const laptop = await organization.enroll('laptop', ['client']);
  const machine = await organization.enroll('a', ['node']);
  organization.update(laptop.id, { owner: UserId.parse('6f9f1d2e-3c8b-4a44-9a39-222222222222'), ownerName: 'ada' });
  const ports = { clock: systemClock, logger: silentLogger };
  const node = await startNode({
    dataDir: join(dataDir, 'a'),
    host: '127.0.0.1',
    port: 0,
    identity: machine,
    organization: organization.view(machine),
    deliver: { release: () => Promise.reject(new Error('not here')) },
    ...ports
  });
  opened.push(node.close);
  const { wire, url } = await openWire(node.url, 10 * MiB, 2);
  organization.update(machine.id, { url });

  const view = organization.view(laptop);
  const real = createNodeClient({ identity: laptop, organization: view, ...ports });
  opened.push(real.close);
  const begun: number[] = [];
  const transport: typeof real = {
    ...real,
    upload(to, job, signal, range) {
      if (range) begun.push(range.first);
      return real.upload(to, job, signal, range);
    }
  };
  const jobs = await createClientJobs({
    ...ports,
    identity: laptop,
    organization: view,
    transport,
    dataDir: join(dataDir, 'laptop')
  });
  opened.push(jobs.close);

  const job = jobs.begin(ticket);
  await jobs.documents(job, documentOf(randomBytes(30 * MiB)), never);
  expect(jobs.get(job)).toMatchObject({ inOutbox: true, holders: [] });
  wire.plugged = true;
  organization.update(machine.id, { url });
  await until(jobs, job, ({ inOutbox, holders }) => !inOutbox && holders.length === 1);

  expect(node.heldJobs().has(job)).toBe(true);
  expect(wire.cuts).toBe(2);
  expect(begun).toHaveLength(3);
  const [first = -1, second = -1, third = -1] = begun;
  expect(first).toBe(0);
  expect(second).toBeGreaterThan(MiB);
  expect(third).toBeGreaterThan(second);
  // What was under way at a cut is lost: the buffers between here and the node's disk, and no more.
  expect(wire.up).toBeLessThan(30 * MiB + 2 * 6 * MiB);
}, 60_000);
