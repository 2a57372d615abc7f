import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { Input, Output } from '../../src-preload/contract/index.ts';
import type { SafeProcedure } from '../gateway/gateway.ts';
import { keyOf, type Read, type ReadStore } from './reads.ts';

const unknown: Read<never> = { value: undefined, failure: undefined, at: undefined };

/** The answer to a question, kept up to date while the component is on the page. */
export const useRead = <P extends SafeProcedure>(reads: ReadStore, procedure: P, input: Input<P>): Read<Output<P>> => {
  const key = keyOf(procedure, input);
  // The key is the question: two inputs with one text are one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => reads.observe(procedure, input), [reads, key]);
  return useStore(reads.store, ({ entries }) => (entries.get(key) as Read<Output<P>> | undefined) ?? unknown);
};
