import fc from 'fast-check';
import { expect, it } from 'vitest';
import { finalJobStates, type JobState, jobStates } from '../../src-preload/contract/views.ts';
import { isFinal, stateAfter } from './job-state.ts';

const states = fc.constantFrom(...jobStates);

it('a final state is never left, and sealing is never entered again, whatever the news', () => {
  fc.assert(
    fc.property(fc.array(states), (news) => {
      const path: JobState[] = ['sealing'];
      for (const to of news) path.push(stateAfter(path.at(-1) ?? 'sealing', to));
      const end = path.findIndex(isFinal);
      if (end >= 0) expect(new Set(path.slice(end)).size).toBe(1);
      const begun = path.findIndex((state) => state !== 'sealing');
      if (begun >= 0) expect(path.slice(begun)).not.toContain('sealing');
    })
  );
});

it('news that cannot follow changes nothing, and the same news twice is the same as once', () => {
  fc.assert(
    fc.property(states, states, (from, to) => {
      const after = stateAfter(from, to);
      expect([from, to]).toContain(after);
      expect(stateAfter(after, to)).toBe(after);
    })
  );
});

it('what was never held is not printed', () => {
  expect(
    (['released', 'printing', 'completed', 'uncertain', 'expired'] as const).map((to) => stateAfter('sealing', to))
  ).toEqual(Array(5).fill('sealing'));
  for (const state of finalJobStates) expect(isFinal(state)).toBe(true);
});
