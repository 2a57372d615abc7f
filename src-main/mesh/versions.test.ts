import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import { type MeshNode, startNode } from './node.ts';
import { createNodeClient } from './node-client.ts';
import type { NodeTransport } from './ports.ts';
import { createTestOrganization, type SealedTestJob, type TestOrganization } from './testing/organization.ts';

/**
 * One mesh of two versions: nodes of today, and one of tomorrow, which says more in every object, speaks its own version and kinds
 * of message first, and says things in a release that nobody knows. All of them are real; tomorrow is made on the wire.
 */
const wire = vi.hoisted(() => ({
  tomorrow: '',
  between: new Map<unknown, { from: string; to: string }>(),
  /** What nodes of today answer to what they do not know. */
  answers: [] as unknown[],
  channelAnswers: [] as unknown[]
}));

vi.mock('../identity/device-agent.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../identity/device-agent.ts')>();
  return {
    ...original,
    deviceAgent(options: Parameters<typeof original.deviceAgent>[0] & { identity: { id?: string } }) {
      const agent = original.deviceAgent(options);
      wire.between.set(agent, { from: options.identity.id ?? '', to: options.expect });
      return agent;
    }
  };
});

vi.mock('../identity/device-upgrade.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../identity/device-upgrade.ts')>();
  return {
    ...original,
    async requestUpgrade(options: Parameters<typeof original.requestUpgrade>[0]) {
      const channel = await original.requestUpgrade(options);
      const ways = wire.between.get(options.agent);
      if (channel && ways) wire.between.set(channel, ways);
      return channel;
    }
  };
});

vi.mock('../base/line-channel.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../base/line-channel.ts')>();
  return {
    ...original,
    askLines(...options: Parameters<typeof original.askLines>): ReturnType<typeof original.askLines> {
      const asking = original.askLines(...options);
      const { from, to } = wire.between.get(options[0]) ?? { from: '', to: '' };
      if (from !== wire.tomorrow && to !== wire.tomorrow) return asking;
      return {
        ...asking,
        async ask(message) {
          if (from === wire.tomorrow)
            for (const other of [{ v: 2 }, { type: 'weather' }])
              wire.channelAnswers.push(await asking.ask({ ...(message as object), ...other }));
          return grown(await asking.ask(grown(message)));
        }
      };
    }
  };
});

vi.mock('../identity/device-http.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../identity/device-http.ts')>();
  type Request = Parameters<typeof original.request>[0];
  const waysOf = ({ agent }: Request) => wire.between.get(agent) ?? { from: '', to: '' };
  return {
    ...original,
    async request(options: Request) {
      const { from, to } = waysOf(options);
      if (from !== wire.tomorrow && to !== wire.tomorrow) return original.request(options);
      const { path, body } = options;
      if (from === wire.tomorrow && path.startsWith('/v1/mesh/'))
        for (const other of [{ v: 2 }, { type: 'weather' }])
          wire.answers.push(
            await original.request({ ...options, body: { ...(body as object), ...other }, schema: z.unknown() })
          );
      const answer = await original.request({ ...options, body: grown(body), schema: z.unknown() });
      return options.schema.parse(grown(answer));
    },
    async *requestLines(options: Request) {
      if (waysOf(options).to !== wire.tomorrow) return yield* original.requestLines(options);
      for await (const line of original.requestLines({ ...options, body: grown(options.body), schema: z.unknown() })) {
        yield options.schema.parse({ type: 'toner-low', in: { cyan: 3 } });
        yield options.schema.parse(grown(line));
      }
    }
  };
});

/** Says more everywhere but in what is signed or sealed: that has its form for good. */
function grown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(grown);
  if (typeof value !== 'object' || value === null || 'signature' in value || 'enc' in value) return value;
  const more = Object.entries(value).map(([name, each]) => [name, grown(each)]);
  return { ...Object.fromEntries(more), tomorrow: { said: ['more'] } };
}

let organization: TestOrganization;
let [a, b, next, laptop] = [] as unknown as [DeviceIdentity, DeviceIdentity, DeviceIdentity, DeviceIdentity];
let dataDir: string;
const opened: { close(): unknown }[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  organization = await createTestOrganization();
  [a, b, next, laptop] = await Promise.all([
    organization.enroll('a', ['node']),
    organization.enroll('b', ['node']),
    organization.enroll('next', ['node']),
    organization.enroll('laptop', ['client'])
  ]);
  wire.tomorrow = next.id;
}, 60_000);
afterAll(() => organization.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-versions-'));
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  wire.answers.length = 0;
  wire.channelAnswers.length = 0;
  await rm(dataDir, { recursive: true, force: true });
});

async function start(identity: DeviceIdentity): Promise<MeshNode> {
  const node = await startNode({
    ...{ dataDir: join(dataDir, identity.name), host: '127.0.0.1', port: 0, identity },
    organization: organization.view(identity),
    deliver: {
      async release({ bundle }, onEvent) {
        onEvent({
          type: 'started',
          job: JSON.parse(Buffer.from(bundle.grant.payload, 'base64url').toString()).job,
          bytes: 1
        });
        onEvent({ type: 'delivered' });
        onEvent({ type: 'completed' });
      }
    },
    ...{ clock: systemClock, logger: silentLogger }
  });
  opened.push(node);
  organization.update(identity.id, { url: node.url });
  return node;
}
function transportOf(identity: DeviceIdentity): NodeTransport {
  const view = organization.view(identity);
  const transport = createNodeClient({ identity, organization: view, clock: systemClock, logger: silentLogger });
  opened.push(transport);
  return transport;
}
async function store(sealed: SealedTestJob, on: DeviceIdentity) {
  const transport = transportOf(laptop);
  const upload = transport.upload(on.id, sealed.origin, signal, { first: 0, size: sealed.blob.length });
  await upload.write(sealed.blob);
  await upload.end();
  expect(await transport.offset(on.id, sealed.origin, signal)).toBe(sealed.blob.length);
  return transport.commit(on.id, sealed.job, await sealed.commitFor(on));
}
const known = (node: MeshNode, id: DeviceId): Promise<void> =>
  new Promise((resolve) => {
    const look = () => node.membership.member(id)?.state === 'alive' && resolve();
    node.membership.onChange(look);
    look();
  });
const only = { v: 1, type: 'unsupported' };

it('they know each other, keep, repair, pass on and release each others’ jobs', async () => {
  const [first, second, third] = [await start(a), await start(b), await start(next)];
  await Promise.all([known(first, next.id), known(third, a.id), known(third, b.id), known(second, next.id)]);

  const sealed = await organization.seal(laptop, randomBytes(100_000));
  const receipts = [await store(sealed, a), await store(sealed, next)];
  const client = transportOf(laptop);
  for (const holder of [a, next]) await client.tellHolders(holder.id, sealed.job, receipts);
  for (const [from, to, held] of [
    [b, next, false],
    [next, a, true]
  ] as const) {
    const statement = { job: sealed.job, held, receipts: [], order: null };
    const reply = await transportOf(from).sync(to.id, { v: 1, type: 'jobs', jobs: [statement] }, signal);
    expect(reply).toMatchObject({ type: 'jobs', jobs: [{ job: sealed.job, held: true }] });
  }
  const kept = JSON.parse(await readFile(join(dataDir, 'a', 'replicas', sealed.job, 'upkeep.json'), 'utf8'));
  expect(kept.receipts.map(({ signer }: { signer: string }) => signer).sort()).toEqual([a.id, next.id].sort());

  expect((await client.reseal(next.id, sealed.job, b.id)).signer).toBe(b.id);
  expect(second.heldJobs().has(sealed.job)).toBe(true);
  const other = await organization.seal(laptop, randomBytes(100_000));
  await store(other, a);
  expect((await client.reseal(a.id, other.job, next.id)).signer).toBe(next.id);
  expect(third.heldJobs().has(other.job)).toBe(true);

  expect(await client.probe(next.id, signal)).toBe(true);
  expect(client.condition(next.id)).toMatchObject({ leaving: false });
  const bundle = await sealed.grantFor({ node: next, printer: randomUUID() as never, requestedBy: laptop.id });
  const events: ReleaseEvent['type'][] = [];
  for await (const event of client.release(next.id, bundle, signal)) events.push(event.type);
  expect(events).toEqual(['started', 'delivered', 'completed']);

  for (const answer of [...wire.answers, ...wire.channelAnswers]) expect(answer).toEqual(only);
  expect(wire.answers.length).toBeGreaterThan(0);
  expect(wire.channelAnswers.length).toBeGreaterThan(4);
}, 60_000);

it('what is known is still looked at: an event of today that is malformed ends the release', async () => {
  await start(next);
  const sealed = await organization.seal(laptop, randomBytes(10));
  await store(sealed, next);
  const bundle = await sealed.grantFor({ node: next, printer: randomUUID() as never, requestedBy: laptop.id });
  const grant = { ...bundle.grant, payload: Buffer.from('{"job":7}').toString('base64url') };
  const release = async () => {
    for await (const _event of transportOf(laptop).release(next.id, { ...bundle, grant }, signal));
  };
  await expect(release()).rejects.toThrow();
}, 60_000);
