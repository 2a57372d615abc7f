import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { MembershipReply } from '../../protocol/membership.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';

/**
 * `alive`: it says so itself. `suspect`: somebody got no answer from it, and it has not yet objected. `dead`: it had the time to
 * object and did not; this node's own conclusion. `left`: it said goodbye.
 */
export type MemberState = 'alive' | 'suspect' | 'dead' | 'left';

export interface Member {
  readonly id: DeviceId;
  readonly state: MemberState;
  /** Grows with every word that the member gives of itself. */
  readonly incarnation: number;
  /** In its own words, signed by it; null: it has not said. */
  readonly condition: NodeCondition | null;
  /** When the state began here, milliseconds since the epoch. */
  readonly since: number;
}

/** Which nodes of the site are there, as far as this one knows. A hint for whoever plans; never a permission. */
export interface Membership {
  self(): Member;
  /** Without this node. Only nodes that the directory approves, in no order. */
  members(): readonly Member[];
  member(id: DeviceId): Member | undefined;
  /** Told after each change of a state or a condition. Who is approved no more is told once as dead, then forgotten. */
  onChange(listener: (changed: Member) => void): () => void;
  /** Told to all others, soon. */
  setCondition(condition: NodeCondition): void;
  /** Says goodbye to some who pass it on. Resolves once one of them has heard, or after a short while. */
  leave(): Promise<void>;
  /** A message of a node that TLS has identified and that is approved. Throws `input-invalid` for what is no message. */
  receive(from: DeviceId, message: unknown): Promise<MembershipReply>;
  close(): void;
}
