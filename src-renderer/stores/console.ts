import { createContext, useContext, useState } from 'react';
import { useStore } from 'zustand';
import type { Failure, Input, Output, Procedure, Scope } from '../../src-preload/contract/index.ts';
import type { SafeProcedure } from '../gateway/gateway.ts';
import type { PromptStore } from './prompts.ts';
import type { Read, ReadStore } from './reads.ts';
import { useRead } from './use-read.ts';
import type { WebSessionStore } from './web-session.ts';

/** What every page in a browser needs: console and portal. */
export interface Console {
  readonly session: WebSessionStore;
  readonly reads: ReadStore;
  readonly prompts: PromptStore;
}
const ConsoleContext = createContext<Console | null>(null);
export const ConsoleProvider = ConsoleContext.Provider;

export const useConsole = (): Console => {
  const context = useContext(ConsoleContext);
  if (!context) throw new Error('a page outside of the console');
  return context;
};

/** An answer that stays up to date, and a way to ask again at once. */
export const useAnswer = <P extends SafeProcedure>(
  procedure: P,
  input: Input<P> = {} as Input<P>
): { readonly read: Read<Output<P>>; onRetry(): void } => {
  const { reads } = useConsole();
  return {
    read: useRead(reads, procedure, input),
    onRetry: () => void reads.refresh(procedure, input)
  };
};

const rights: Readonly<Record<string, readonly Scope[]>> = {
  auditor: ['read'],
  operator: ['read', 'manage', 'dangerous'],
  owner: ['read', 'manage', 'dangerous', 'owner']
};

/** Whether this administrator may: what they may not is not offered. The coordinator decides for itself. */
export const useMay = (): ((scope: Scope) => boolean) => {
  const view = useStore(useConsole().session, (session) => session.view);
  const role = view?.as.kind === 'admin' ? view.as.role : 'auditor';
  return (scope) => rights[role]?.includes(scope) ?? false;
};

/** One thing that a person does: whether it is under way, and why it was refused. */
export const useAct = () => {
  const { session, reads } = useConsole();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  return {
    busy,
    failure,
    clear: () => setFailure(null),
    /** Undefined when it was refused. */
    act: async <P extends Procedure>(procedure: P, input: Input<P>): Promise<Output<P> | undefined> => {
      setBusy(true);
      setFailure(null);
      const result = await session.getState().call(procedure, input);
      setBusy(false);
      if (!result.ok) {
        setFailure(result);
        return undefined;
      }
      const area = procedure.split('.')[1];
      if (/^(admin|portal)\./.test(procedure) && area) reads.changed([area]);
      return result.value;
    },
    /** One after the other; says how many were done. Stops at what would be refused for all of them alike. */
    actOnAll: async <P extends Procedure>(procedure: P, inputs: readonly Input<P>[]): Promise<number> => {
      setBusy(true);
      setFailure(null);
      let done = 0;
      for (const input of inputs) {
        const result = await session.getState().call(procedure, input);
        if (result.ok) done += 1;
        else setFailure(result);
        if (!result.ok && forAll.includes(result.code)) break;
      }
      setBusy(false);
      const area = procedure.split('.')[1];
      if (area) reads.changed([area]);
      return done;
    }
  };
};
const forAll: readonly string[] = [
  'confirmation-required',
  'session-expired',
  'not-allowed',
  'coordinator-unreachable',
  'rate-limited'
];
