import type { Result } from '../../src-preload/contract/index.ts';
import type { ChangeListener, Gateway } from './gateway.ts';

type Answer = (input: unknown) => Promise<Result<unknown>> | Result<unknown>;

export interface FakeGateway extends Gateway {
  /** Calls so far, in order. */
  readonly calls: readonly { readonly procedure: string; readonly input: unknown }[];
  csrf(): string | null;
  /** Who follows changes now; null: nobody. */
  follower(): ChangeListener | null;
}

/** A gateway to nothing: answers from a table, for tests. What is not in it is refused as not found. */
export const createFakeGateway = (answers: Readonly<Record<string, Answer>>): FakeGateway => {
  const calls: { procedure: string; input: unknown }[] = [];
  let token: string | null = null;
  let following: ChangeListener | null = null;
  const call = async (procedure: string, input: unknown): Promise<Result<unknown>> => {
    calls.push({ procedure, input });
    return answers[procedure]?.(input) ?? { ok: false, code: 'not-found', message: '' };
  };
  return {
    calls,
    call: call as Gateway['call'],
    read: call as Gateway['read'],
    setCsrf: (csrf) => {
      token = csrf;
    },
    csrf: () => token,
    follow: (listener, signal) => {
      following = listener;
      signal.addEventListener('abort', () => {
        following = null;
      });
    },
    follower: () => following
  };
};
