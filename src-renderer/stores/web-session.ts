import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Failure, Input, Output, Procedure, Result, WebSessionView } from '../../src-preload/contract/index.ts';
import type { Gateway, SafeProcedure } from '../gateway/gateway.ts';

export type Proof = Input<'session.confirm'>;

export interface WebSession {
  /** `asking`: not known yet. `unreachable`: the coordinator did not answer the first question. */
  readonly state: 'asking' | 'unreachable' | 'out' | 'in';
  readonly organization: string;
  /** Whether this address can have passkeys. */
  readonly passkeys: boolean;
  readonly view: WebSessionView | null;
  /** Why the session ended, if it was not by the person's own wish. */
  readonly ended: Failure | null;
  /** Something dangerous waits for a fresh proof of who is there. */
  readonly confirming: boolean;
  start(): Promise<void>;
  signIn<P extends 'session.sign-in' | 'session.passkey-sign-in' | 'session.user-sign-in'>(
    procedure: P,
    input: Input<P>
  ): Promise<Result<WebSessionView>>;
  signOut(): Promise<void>;
  /** The session as an answer just described it. */
  accept(view: WebSessionView): void;
  /** There is none any more. */
  expire(): void;
  confirm(proof: Proof): Promise<Result<WebSessionView>>;
  giveUp(): void;
  /** As the gateway's, and: a session that ended shows; a missing proof is asked for, then the call is made again. */
  call<P extends Procedure>(procedure: P, input: Input<P>): Promise<Result<Output<P>>>;
  read<P extends SafeProcedure>(procedure: P, input: Input<P>): Promise<Result<Output<P>>>;
}
export type WebSessionStore = StoreApi<WebSession>;

const expired: Failure = { code: 'session-expired', message: '' };

/** Who is signed in at this page. Holds no password and no cookie. */
export const createWebSession = (gateway: Gateway): WebSessionStore => {
  let proved: ((confirmed: boolean) => void) | undefined;
  const store = createStore<WebSession>()((set, get) => ({
    state: 'asking',
    organization: '',
    passkeys: false,
    view: null,
    ended: null,
    confirming: false,
    start: async () => {
      set({ state: 'asking' });
      const result = await gateway.read('session.get', {});
      if (!result.ok) return set({ state: 'unreachable' });
      const { organization, passkeys, session } = result.value;
      set({ organization, passkeys, state: 'out' });
      if (session) get().accept(session);
    },
    signIn: async (procedure, input) => {
      const result = (await gateway.call(procedure, input)) as Result<WebSessionView>;
      if (result.ok) get().accept(result.value);
      return result;
    },
    signOut: async () => {
      // From here on nothing is shown, whatever the answer; who cannot be signed out is told so.
      set({ state: 'asking' });
      const result = await gateway.call('session.sign-out', {});
      if (result.ok || result.code === 'session-expired') leave(null);
      else set({ state: 'unreachable' });
    },
    accept: (view) => {
      gateway.setCsrf(view.csrf);
      set({ state: 'in', view, ended: null });
    },
    expire: () => leave(expired),
    confirm: async (proof) => {
      const result = await gateway.call('session.confirm', proof);
      if (result.ok) {
        get().accept(result.value);
        settle(true);
      } else if (result.code === 'session-expired') leave(expired);
      return result;
    },
    giveUp: () => settle(false),
    call: async (procedure, input) => {
      const result = await gateway.call(procedure, input);
      if (result.ok || result.code !== 'confirmation-required') return watched(result);
      const confirmed = await new Promise<boolean>((resolve) => {
        settle(false);
        proved = resolve;
        set({ confirming: true });
      });
      return confirmed ? watched(await gateway.call(procedure, input)) : result;
    },
    read: async (procedure, input) => watched(await gateway.read(procedure, input))
  }));
  const settle = (confirmed: boolean) => {
    store.setState({ confirming: false });
    proved?.(confirmed);
    proved = undefined;
  };
  const leave = (ended: Failure | null) => {
    settle(false);
    if (!store.getState().view) return;
    gateway.setCsrf(null);
    store.setState({ state: 'out', view: null, ended });
  };
  const watched = <T>(result: Result<T>): Result<T> => {
    if (!result.ok && result.code === 'session-expired') leave(expired);
    return result;
  };
  return store;
};
