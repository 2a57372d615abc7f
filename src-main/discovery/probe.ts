import type { Clock } from '../base/clock.ts';
import { pause } from '../base/retry.ts';
import type { Claim } from './claim.ts';
import type { Wire } from './wire.ts';

export interface Timing {
  readonly clock: Clock;
  /** From 0 to 1: machines that were switched on together must not speak together. */
  readonly random: () => number;
}

/**
 * Makes a claim's names ours (RFC 6762 section 8.1): asks three times whether somebody has them, takes the next name where
 * somebody does, and steps back for a moment where somebody else asks for them just now. Rejects with the signal's reason.
 */
export async function probe(claim: Claim, wires: readonly Wire[], timing: Timing, signal: AbortSignal): Promise<void> {
  for (let lost = 0; ; lost += 1) {
    claim.uncontested();
    await pause(timing.random() * probeInterval, timing.clock, signal);
    await ask(claim, wires, timing, signal);
    const contest = claim.contest();
    if (contest === null) return;
    if (contest !== 'tie') claim.yieldName(contest);
    if (contest === 'tie' || lost >= manyNames) await pause(lost >= manyNames ? 5000 : 1000, timing.clock, signal);
  }
}

const probeInterval = 250;
/** Somebody who contests more names than this is slowed down. */
const manyNames = 10;

async function ask(claim: Claim, wires: readonly Wire[], { clock }: Timing, signal: AbortSignal): Promise<void> {
  for (let sent = 0; sent < 3 && claim.contest() === null; sent += 1) {
    for (const wire of wires) {
      // Answers may come by multicast: a unicast one might reach the operating system's own responder, on the same port.
      for (const [, records] of claim.names(wire.link)) {
        const [{ name } = { name: '' }] = records;
        wire.query([{ name, type: 'ANY' as 'A' }], [], records);
      }
    }
    await pause(probeInterval, clock, signal, claim.onContest);
  }
}
