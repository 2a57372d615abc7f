import { swim } from './settings.ts';

/**
 * Local health after Lifeguard: who gets too few answers doubts itself before others, and gives them more time. It begins
 * in doubt and takes `answersToRecover` answers in time for each step; one lost message makes it doubt again.
 */
export interface Health {
  /** 1 when well. */
  factor(): number;
  answered(): void;
  /** An answer was lost that the other had given, or nobody answers at all. */
  troubled(): void;
}

export function createHealth(): Health {
  let score: number = swim.worstHealth;
  let answers = 0;
  return {
    factor: () => 1 + score,
    answered() {
      answers += 1;
      if (answers < swim.answersToRecover) return;
      answers = 0;
      score = Math.max(0, score - 1);
    },
    troubled() {
      answers = 0;
      score = swim.worstHealth;
    }
  };
}

/** How long a member has to object that `suspicions` others say does not answer, among `size` members (Lifeguard section IV.B). */
export function suspicionTime(suspicions: number, size: number, factor: number): number {
  const needed = Math.max(0, Math.min(swim.confirmations, size - 2));
  const { suspicionLeast: least, suspicionMost: most } = swim;
  if (suspicions > needed) return least * factor;
  return Math.max(least, most - ((most - least) * Math.log(suspicions)) / Math.log(needed + 1)) * factor;
}
