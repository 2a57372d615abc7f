import { hash } from 'node:crypto';
import { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import { openMembership } from '../membership/membership.ts';
import type { Membership } from '../membership/port.ts';
import type { Statements } from '../membership/statements.ts';
import { createNetwork, type Endpoint, type SimulatedNetwork } from './network.ts';

/** Nodes of one site that know each other, on a simulated network. Not for anything shipped. */
export interface SimulatedSite {
  readonly network: SimulatedNetwork;
  readonly ids: readonly DeviceId[];
  readonly nodes: ReadonlyMap<DeviceId, SimulatedNode>;
  /** Starts a node, or starts it again with nothing in memory. */
  start(id: DeviceId, options?: { readonly skew?: number; readonly clock?: Clock }): Promise<SimulatedNode>;
  crash(id: DeviceId): void;
  /** The directory names it no more. */
  revoke(id: DeviceId): void;
  /** Whom the running nodes take for what they are not. Empty: they agree with the truth. */
  errors(): string[];
  close(): void;
}
export interface SimulatedNode {
  readonly id: DeviceId;
  readonly membership: Membership;
  readonly endpoint: Endpoint;
}

export async function createSite(seed: number, size: number): Promise<SimulatedSite> {
  const network = createNetwork(seed);
  const ids = Array.from({ length: size }, (_, index) => simulatedId(index));
  const approved = new Set(ids);
  const directoryChanged = new Set<() => void>();
  const nodes = new Map<DeviceId, SimulatedNode>();

  return {
    network,
    ids,
    nodes,
    async start(id, { skew = 0, clock = network.clock(skew) } = {}) {
      nodes.get(id)?.membership.close();
      const endpoint = network.attach(id, (from, message) => membership.receive(from, message));
      const membership = await openMembership({
        self: id,
        statements: simulatedStatements(id, approved),
        approved: () => new Set([...approved].filter((other) => other !== id)),
        onApprovedChange(listener) {
          directoryChanged.add(listener);
          return () => directoryChanged.delete(listener);
        },
        send: endpoint.send,
        clock,
        random: network.random,
        logger: silentLogger
      });
      const node = { id, membership, endpoint };
      nodes.set(id, node);
      return node;
    },
    crash(id) {
      const node = nodes.get(id);
      node?.membership.close();
      node?.endpoint.crash();
      nodes.delete(id);
    },
    revoke(id) {
      approved.delete(id);
      for (const listener of directoryChanged) listener();
    },
    errors: () =>
      [...nodes.values()].flatMap(({ id, membership }) =>
        ids.flatMap((other) => {
          if (other === id) return [];
          const state = membership.member(other)?.state;
          const isThere = state === 'alive';
          return isThere === nodes.has(other) ? [] : [`${id.slice(-3)} takes ${other.slice(-3)} for ${state}`];
        })
      ),
    close() {
      for (const { membership } of nodes.values()) membership.close();
    }
  };
}

export const simulatedId = (index: number): DeviceId =>
  DeviceId.parse(`00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`);

/** Each statement is opened by many nodes, again and again. */
const opened = new Map<string, unknown>();

/** Statements that cost nothing to sign: a digest in place of a signature. Everybody could forge them, so liars must be told not to. */
export function simulatedStatements(id: DeviceId, approved?: ReadonlySet<DeviceId>): Statements {
  const mark = (kind: string, payload: string, signer: string): string =>
    hash('sha512', `${kind}/${signer}/${payload}`, 'base64url');
  return {
    async sign(kind, value): Promise<Signed> {
      const payload = Buffer.from(JSON.stringify(value)).toString('base64url');
      return { kind, payload, signer: id, signature: mark(kind, payload, id) };
    },
    open(kind, signed, schema) {
      if (approved && !approved.has(signed.signer)) return undefined;
      const { payload, signer, signature } = signed;
      const key = `${kind}/${signed.kind}/${signer}/${payload}/${signature}`;
      const known = opened.get(key) as ReturnType<typeof schema.parse> | undefined;
      if (known !== undefined) return known;
      if (signed.kind !== kind || signature !== mark(kind, payload, signer)) {
        throw new LetterlockError('input-invalid', 'forged');
      }
      const value = schema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
      if (opened.size > 10_000) opened.clear();
      opened.set(key, value);
      return value;
    }
  };
}
