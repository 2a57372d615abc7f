import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { type MembershipMessage, type MembershipReply, ProbeAnswer } from '../../protocol/membership.ts';
import { swim } from './settings.ts';
import type { Statements } from './statements.ts';

/**
 * One probe (SWIM section 3.1): a ping, and when that gets no answer in time, some others are asked to try. `indirect`: it
 * lives, but its answer to us was lost. `unclear`: the timers slept with the machine.
 */
export type ProbeResult = 'direct' | 'indirect' | 'silent' | 'silent, and the relays too' | 'unclear';

export interface ProbeOptions {
  readonly target: DeviceId;
  readonly relays: readonly DeviceId[];
  readonly nonce: string;
  readonly factor: number;
  readonly clock: Clock;
  readonly statements: Statements;
  readonly ping: (to: DeviceId, nonce?: string) => Promise<MembershipReply>;
  readonly pingRequest: (to: DeviceId, target: DeviceId, nonce: string) => Promise<MembershipReply>;
}

export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const { target, relays, nonce, factor, clock, ping, pingRequest } = options;
  const answered = ping(target).then(() => 'direct' as const, silence);
  const first = await within(swim.directAnswer * factor, clock, answered);
  if (first !== 'late') return first;
  if (relays.length === 0) return 'silent';

  let heard = 0;
  const relayed = relays.map((relay) =>
    pingRequest(relay, target, nonce).then((reply) => {
      if (reply.type === 'nack') heard += 1;
      return isProof(reply, options) ? ('indirect' as const) : silence();
    }, silence)
  );
  const anyone = Promise.race([answered.then(() => 'indirect' as const), ...relayed]);
  const second = await within(swim.indirectAnswer * factor, clock, anyone);
  if (second !== 'late') return second;
  return heard > 0 ? 'silent' : 'silent, and the relays too';
}

/** The target's own signature over our nonce: a relay cannot vouch for it. */
export function isProof(
  reply: MembershipReply,
  { target, nonce, statements }: Pick<ProbeOptions, 'target' | 'nonce' | 'statements'>
): boolean {
  if (reply.type !== 'ack' || reply.proof?.signer !== target) return false;
  return statements.open('probe-answer', reply.proof, ProbeAnswer)?.nonce === nonce;
}

/** What a relay does: asks the target, and says so when it gets no answer either. */
export async function relay(
  message: Extract<MembershipMessage, { type: 'ping-request' }>,
  options: Pick<ProbeOptions, 'clock' | 'ping'>
): Promise<Extract<MembershipReply, { type: 'ack' }> | undefined> {
  const { clock, ping } = options;
  const asked = ping(message.target, message.nonce).catch(() => 'late' as const);
  const reply = await within(swim.directAnswer, clock, asked);
  return typeof reply === 'object' && reply.type === 'ack' ? reply : undefined;
}

const silence = (): Promise<never> => new Promise(() => {});

/** What comes first: the answer, which may never come but is no failure, or the end of the time. */
function within<Answer>(ms: number, clock: Clock, answer: Promise<Answer>): Promise<Answer | 'late' | 'unclear'> {
  return new Promise((resolve) => {
    const due = clock.now() + ms;
    const cancel = clock.after(ms, () => resolve(clock.now() > due + swim.stall ? 'unclear' : 'late'));
    void answer.then((answered) => {
      cancel();
      resolve(answered);
    });
  });
}
