import type { Bridge, Input, Output, Procedure, Result } from '../../src-preload/contract/index.ts';

declare global {
  interface Window {
    readonly letterlock?: Bridge;
  }
}

/** The only door from a window to the rest of the program, put there by the preload script. */
export const windowBridge = (): Bridge => {
  if (!window.letterlock) throw new Error('no bridge: this page is not in a Letterlock window');
  return window.letterlock;
};

/** How long a question about the present state may stay unanswered before the engine counts as silent. */
const answerWithin = 8_000;

const silent: Result<never> = { ok: false, code: 'engine-unreachable', message: '' };

/** Calls and always resolves: a broken channel, too, is a result. Work at a printer takes as long as it takes. */
export const ask = async <P extends Procedure>(
  bridge: Bridge,
  procedure: P,
  input: Input<P>
): Promise<Result<Output<P>>> => {
  const answer = bridge.call(procedure, input).catch((): Result<never> => silent);
  if (!procedure.endsWith('.state')) return answer;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Result<never>>((resolve) => {
    timer = setTimeout(() => resolve(silent), answerWithin);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
};
