import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../src-main/base/clock.ts';
import { silentLogger } from '../src-main/base/logger.ts';
import { type MeshNode, startNode } from '../src-main/mesh/node.ts';
import { createSite } from '../src-main/mesh/testing/members.ts';
import { createTestOrganization } from '../src-main/mesh/testing/organization.ts';

/**
 * Membership in simulated time, over many seeds: how fast a crash is known to the first and to all, how many are called dead
 * who are not at 20% loss, and what an idle node sends in a mesh of this size. `idle` runs real nodes on loopback, all in this
 * process, and divides what it costs by their number. Prints one line of JSON for each question.
 *
 *   npm run bench:membership -- detect|loss|cost|idle NODES [SEEDS [FIRST SEED]]
 */
export async function membership(args: readonly string[]): Promise<void> {
  const [what = 'detect', size = '10', seeds = '100', first = '1'] = args;
  const all = Array.from({ length: Number(seeds) }, (_, index) => Number(first) + index);
  const nodes = Number(size);
  const say = (result: object) =>
    process.stdout.write(`${JSON.stringify({ what, nodes, seeds: all.length, ...result })}\n`);

  if (what === 'idle') {
    say({ ...(await idle(nodes)), unit: 'share of a core per node; MiB of the process' });
  } else if (what === 'detect') {
    const times: Awaited<ReturnType<typeof detect>>[] = [];
    for (const seed of all) times.push(await detect(seed, nodes));
    say({ first: spread(times.map((one) => one.first)), all: spread(times.map(({ last }) => last)), unit: 'ms' });
  } else if (what === 'loss') {
    const failed: number[] = [];
    let suspicions = 0;
    for (const seed of all) {
      const count = await lossy(seed, nodes);
      suspicions += count.suspicions;
      if (count.deaths > 0) failed.push(seed);
    }
    say({ suspicions, failed });
  } else {
    for (const seed of all) say({ seed, ...(await cost(seed, nodes)), unit: 'per node and second' });
  }
}

async function site(seed: number, size: number, settle: number, loss = 0) {
  const made = await createSite(seed, size);
  made.network.faults.loss = loss;
  for (const id of made.ids) await made.start(id);
  await made.network.run(settle);
  return made;
}

/** Milliseconds from a crash until the first, and until the last of the others calls it dead. */
async function detect(seed: number, size: number): Promise<{ first: number; last: number }> {
  const made = await site(seed, size, 30_000 + 1000 * (seed % 7));
  const began = made.network.now();
  const victim = made.ids[seed % made.ids.length];
  const seen: number[] = [];
  for (const { id, membership } of made.nodes.values()) {
    if (id === victim) continue;
    membership.onChange((member) => {
      if (member.id === victim && member.state === 'dead') seen.push(made.network.now() - began);
    });
  }
  if (victim) made.crash(victim);
  await made.network.run(10_000);
  made.close();
  const complete = seen.length === made.ids.length - 1;
  return { first: seen[0] ?? Number.POSITIVE_INFINITY, last: complete ? (seen.at(-1) ?? 0) : Number.POSITIVE_INFINITY };
}

/** Who is called dead in two minutes although nobody is, and how often somebody is suspected. */
async function lossy(seed: number, size: number): Promise<{ deaths: number; suspicions: number }> {
  const made = await site(seed, size, 0, 0.2);
  const count = { deaths: 0, suspicions: 0 };
  for (const { membership } of made.nodes.values()) {
    membership.onChange(({ state }) => {
      if (state === 'dead') count.deaths += 1;
      if (state === 'suspect') count.suspicions += 1;
    });
  }
  await made.network.run(120_000);
  made.close();
  return count;
}

/** Messages and bytes of JSON that a node sends in a second, requests and answers. */
async function cost(seed: number, size: number): Promise<{ messages: number; bytes: number }> {
  const made = await site(seed, size, 30_000);
  Object.assign(made.network.traffic, { messages: 0, bytes: 0 });
  made.network.faults.measured = true;
  await made.network.run(20_000);
  made.close();
  const { messages, bytes } = made.network.traffic;
  return { messages: messages / made.ids.length / 20, bytes: bytes / made.ids.length / 20 };
}

/** Thirty seconds of real nodes that have nothing to do, once they have found each other. */
async function idle(size: number): Promise<{ core: number; memory: number; alive: number }> {
  const organization = await createTestOrganization();
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-idle-'));
  const nodes: MeshNode[] = [];
  for (let index = 0; index < size; index += 1) {
    const identity = await organization.enroll(`node ${index}`, ['node']);
    const node = await startNode({
      ...{ dataDir: join(folder, identity.id), host: '127.0.0.1', port: 0, identity, clock: systemClock },
      organization: organization.view(identity),
      deliver: { release: () => Promise.reject(new Error('nothing to deliver')) },
      logger: silentLogger
    });
    organization.update(identity.id, { url: node.url });
    nodes.push(node);
  }
  await setTimeout(20_000);
  const alive = nodes.flatMap(({ membership: each }) => each.members()).filter(({ state }) => state === 'alive').length;
  const [before, from] = [process.cpuUsage(), performance.now()];
  await setTimeout(30_000);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - from) / 1000;
  const result = {
    core: (user + system) / 1e6 / seconds / size,
    memory: Math.round(process.memoryUsage.rss() / 2 ** 20),
    alive: alive / size / (size - 1)
  };
  for (const node of nodes) await node.close();
  await organization.close();
  await rm(folder, { recursive: true, force: true });
  return result;
}

const quantile = (values: readonly number[], share: number): number =>
  Math.round([...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0);
const spread = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  most: quantile(values, 1)
});
