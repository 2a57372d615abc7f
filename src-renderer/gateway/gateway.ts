import type { Input, Output, Procedure, Result } from '../../src-preload/contract/index.ts';

/** Procedures that change nothing, by their names (a test compares them with the contract): only these are asked again. */
export type SafeProcedure = Extract<
  Procedure,
  | `${string}.list`
  | `${string}.get`
  | `${string}.status`
  | `${string}.verify`
  | `${string}.show`
  | 'console.start'
  | 'admin.report.daily'
  | 'account.passkey-list'
  | 'admin.user.rules'
  | 'admin.key.authority'
  | 'admin.policy.history'
  | 'admin.policy.usage'
  | 'admin.policy.why'
>;

export type Connection = 'live' | 'reconnecting' | 'refused';

export interface ChangeListener {
  /** Something of these areas is not what it was. */
  onChange(areas: readonly string[]): void;
  /** Something may have been missed: everything may be old. */
  onReset(): void;
  /** `refused`: there is no session any more. */
  onConnection(connection: Connection): void;
}

/** The only door from a page in a browser to the coordinator. Always resolves: a broken line, too, is a result. */
export interface Gateway {
  /** Asked once, whatever happens: what changes something is never repeated by itself. */
  call<P extends Procedure>(procedure: P, input: Input<P>): Promise<Result<Output<P>>>;
  /** Asked again a few times when the line breaks. */
  read<P extends SafeProcedure>(procedure: P, input: Input<P>): Promise<Result<Output<P>>>;
  /** Goes with every request from now on; null: nobody is signed in. */
  setCsrf(token: string | null): void;
  /** Follows what changes until the signal. */
  follow(listener: ChangeListener, signal: AbortSignal): void;
}
