import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { toBase64url } from '../../base/bytes.ts';
import { isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import { generateSigningKey, type SigningKey, signingKey } from '../../identity/keys.ts';
import { openStatement, type Signed, signStatement } from '../../identity/signed-statement.ts';
import { EraseOrder, HoldingReceipt } from '../../protocol/device-api.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import type { RepairMessage, RepairReply, Upkeep } from '../../protocol/repair.ts';
import type { Member, MemberState } from '../membership/port.ts';
import type { HeldReplica, Repair, Shelf } from '../repair/port.ts';
import { createRepair } from '../repair/repair.ts';

/**
 * Nodes in memory that repair each other: real statements, no disk, no network, a clock that stands until it is moved. What a node
 * lies about, and who is away, is the test's to say.
 */
export interface RepairNode {
  readonly id: DeviceId;
  readonly key: SigningKey;
  readonly blobs: Map<JobId, Buffer>;
  readonly held: Map<JobId, HeldReplica>;
  readonly upkeep: Map<JobId, Upkeep>;
  readonly orders: Map<JobId, Signed>;
  /** Null while it is off. */
  repair: Repair | null;
  /** In place of its own answer. */
  lie?: (message: RepairMessage, from: DeviceId, honest: () => Promise<RepairReply>) => Promise<RepairReply>;
}

export function createRepairMesh(count: number, replicas = 2) {
  const clock = createTestClock(Date.parse('2026-01-05T08:00:00Z'));
  const coordinator = { id: DeviceId.parse(randomUUID()), key: signingKey(generateSigningKey()) };
  const state = {
    coordinatorUp: false,
    outstanding: [] as Signed[],
    told: [] as Signed[],
    asked: 0,
    copies: 0,
    cloudNodes: true
  };
  const coordinatorListeners = new Set<() => void>();
  const nodes: RepairNode[] = Array.from({ length: count }, () => ({
    id: DeviceId.parse(randomUUID()),
    key: signingKey(generateSigningKey()),
    blobs: new Map(),
    held: new Map(),
    upkeep: new Map(),
    orders: new Map(),
    repair: null
  }));
  /** Nodes outside of the network; `state.cloudNodes` says whether jobs may lie there. */
  const cloud = new Set<DeviceId>();
  const byId = (id: DeviceId) => nodes.find((node) => node.id === id);
  const members = new Map<DeviceId, Member>(
    nodes.map(({ id }) => [id, { id, state: 'alive', incarnation: 0, condition: null, since: clock.now() }])
  );
  const memberListeners = new Set<(changed: Member) => void>();
  /** Of those that were moved; all others are at `main`. */
  const sites = new Map<DeviceId, string>();
  const siteOf = (id: DeviceId) => sites.get(id) ?? 'main';
  const together = (a: DeviceId, b: DeviceId) => siteOf(a) === siteOf(b);
  const devices = (): DirectoryDevice[] =>
    nodes.map(({ id, key }) => ({
      ...{
        id,
        name: id,
        ...(cloud.has(id) ? { cloud: true } : {}),
        roles: ['node'],
        status: 'approved',
        url: 'https://127.0.0.1:1',
        owner: null,
        ownerName: null
      },
      signing: toBase64url(key.publicKey),
      sealing: toBase64url(key.publicKey)
    }));

  const receiptOf = (node: RepairNode, job: JobId, held: HeldReplica, at = clock.now()): Promise<Signed> => {
    const { sha256, blobSize } = held;
    const value: HoldingReceipt = { job, node: node.id, sha256, blobSize, at: isoTime(at) };
    return signStatement('holding', value, { id: node.id, key: node.key });
  };
  const reach = (id: DeviceId): { node: RepairNode; repair: Repair } => {
    const node = byId(id);
    if (!node?.repair) throw new LetterlockError('node-unreachable');
    return { node, repair: node.repair };
  };
  const put = (node: RepairNode, job: JobId, blob: Buffer, held: HeldReplica) => {
    node.blobs.set(job, Buffer.from(blob));
    node.held.set(job, { ...held, committed: clock.now() });
    node.upkeep.delete(job);
  };
  const remove = (node: RepairNode, job: JobId) => {
    for (const map of [node.blobs, node.held, node.upkeep]) map.delete(job);
  };

  const shelfOf = (node: RepairNode): Shelf => ({
    held: node.held,
    readUpkeep: async (job) => node.upkeep.get(job) ?? null,
    writeUpkeep: async (job, upkeep) => void node.upkeep.set(job, upkeep),
    async receipt(job) {
      const held = node.held.get(job);
      if (!held) throw new LetterlockError('not-found', 'job');
      return receiptOf(node, job, held);
    },
    isWhole: async (job) => digest(node.blobs.get(job) ?? Buffer.alloc(0)) === node.held.get(job)?.sha256,
    bytes: async (job, offset, length) => (node.blobs.get(job) ?? Buffer.alloc(0)).subarray(offset, offset + length),
    discard: async (job) => remove(node, job),
    withdraw: async (job) => remove(node, job),
    order: (job) => node.orders.get(job) ?? null,
    async obey(signed) {
      const { publicKey } = coordinator.key;
      const order = openStatement({
        kind: 'erase',
        signed,
        publicKey,
        schema: EraseOrder,
        maxBytes: 1024,
        code: 'not-allowed'
      });
      node.orders.set(order.job, signed);
      remove(node, order.job);
    }
  });

  async function start(node: RepairNode): Promise<Repair> {
    const repair = await createRepair({
      self: node.id,
      shelf: shelfOf(node),
      peers: {
        async ask(to, message, signal) {
          const { node: peer, repair: theirs } = reach(to);
          signal.throwIfAborted();
          state.asked += 1;
          const honest = () => theirs.receive(node.id, message);
          return peer.lie ? peer.lie(message, node.id, honest) : honest();
        },
        async copy(job, to) {
          const { node: peer, repair: theirs } = reach(to);
          const held = node.held.get(job);
          const blob = node.blobs.get(job);
          if (!held || !blob) throw new LetterlockError('not-found', 'job');
          state.copies += 1;
          if (peer.orders.has(job)) throw new LetterlockError('conflict', 'erased');
          if (digest(blob) !== held.sha256) throw new LetterlockError('digest-mismatch', 'blob');
          put(peer, job, blob, held);
          theirs.committed(job, true);
          return receiptOf(peer, job, held);
        }
      },
      coordinator: {
        connected: () => state.coordinatorUp,
        onChange: listen(coordinatorListeners),
        outstanding: async () => state.outstanding,
        tell: async (_job, receipt) => void state.told.push(receipt)
      },
      membership: {
        members: () => [...members.values()].filter(({ id }) => id !== node.id && together(id, node.id)),
        member: (id) => (together(id, node.id) ? members.get(id) : undefined),
        onChange: listen(memberListeners)
      },
      policy: () => ({
        replicas,
        offlineGrants: false,
        site: siteOf(node.id),
        nodes: () => devices().filter(({ id }) => together(id, node.id)),
        mayHold: ({ cloud }) => !cloud || state.cloudNodes,
        device: (id) => devices().find((device) => device.id === id)
      }),
      openReceipt(signed) {
        const publicKey = byId(signed.signer)?.key.publicKey;
        if (!publicKey) return null;
        try {
          return openStatement({
            kind: 'holding',
            signed,
            publicKey,
            schema: HoldingReceipt,
            maxBytes: 1024,
            code: 'input-invalid'
          });
        } catch {
          return null;
        }
      },
      clock,
      random: sequence(),
      logger: silentLogger
    });
    node.repair = repair;
    return repair;
  }
  async function stop(node: RepairNode): Promise<void> {
    const { repair } = node;
    node.repair = null;
    await repair?.close();
  }
  const say = (node: RepairNode, next: MemberState) => {
    const changed: Member = { id: node.id, state: next, incarnation: 0, condition: null, since: clock.now() };
    members.set(node.id, changed);
    for (const listener of [...memberListeners]) listener(changed);
  };

  return {
    clock,
    nodes,
    cloud,
    state,
    start,
    stop,
    say,
    /** As the directory says it: nodes of its old site hear of it no more. */
    move(node: RepairNode, site: string) {
      sites.set(node.id, site);
      for (const listener of [...memberListeners])
        listener({ id: node.id, state: 'dead', incarnation: 0, condition: null, since: clock.now() });
    },
    receiptOf,
    /** A job on these nodes, each of which knows of the others unless told not to. */
    async place(
      on: readonly RepairNode[],
      { introduced = true, size = 100_000, copies }: { introduced?: boolean; size?: number; copies?: number } = {}
    ): Promise<JobId> {
      const job = JobId.parse(randomUUID());
      const blob = randomBytes(size);
      const expires = clock.now() + 7 * 86_400_000;
      const device = DeviceId.parse(randomUUID());
      const held = {
        device,
        site: 'main',
        expires,
        sha256: digest(blob),
        blobSize: size,
        committed: clock.now(),
        copies
      };
      for (const node of on) {
        put(node, job, blob, held);
        node.repair?.committed(job, false);
      }
      const receipts = await Promise.all(on.map((node) => receiptOf(node, job, held)));
      if (introduced) for (const node of on) await node.repair?.learn(job, receipts);
      await this.settled();
      return job;
    },
    order: (job: JobId): Promise<Signed> => {
      const value: EraseOrder = { job, reason: 'completed', at: isoTime(clock.now()) };
      return signStatement('erase', value, coordinator);
    },
    holding: (job: JobId) => nodes.filter(({ held }) => held.has(job)),
    setCoordinator(up: boolean) {
      state.coordinatorUp = up;
      for (const listener of [...coordinatorListeners]) listener();
    },
    /** Everything that was begun has come to where it waits for the clock. Signatures are the only thing that takes real time. */
    async settled() {
      for (let turn = 0; turn < 25; turn += 1) {
        await coordinator.key.sign(Buffer.alloc(0)); // behind every signature that was begun before
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    /** In steps, so that what each timer begins comes to its end before the next. */
    async pass(ms: number, step = 5_000) {
      for (let gone = 0; gone < ms; gone += step) {
        clock.advance(Math.min(step, ms - gone));
        await this.settled();
      }
    },
    async close() {
      for (const node of nodes) await stop(node);
    }
  };
}
export type RepairMesh = ReturnType<typeof createRepairMesh>;

/** Numbers that look random and are the same in each run (Lehmer). */
function sequence(): () => number {
  let state = 20_260_105;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const digest = (bytes: Uint8Array): string => toBase64url(createHash('sha256').update(bytes).digest());

function listen<Listener>(listeners: Set<Listener>) {
  return (listener: Listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
}
