import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, type JobProgress, type JobStep, stateOf } from './job-state.ts';

const fresh: JobProgress = { closed: null, attempts: [] };

/** Applies steps in order; a refusal changes nothing. */
const run = (...steps: JobStep[]): JobProgress =>
  steps.reduce((job, step) => {
    const next = advance(job, step);
    return typeof next === 'string' ? job : next;
  }, fresh);
const claim: JobStep = { do: 'claim', acceptSecondCopy: false };
const consent: JobStep = { do: 'claim', acceptSecondCopy: true };
const at = (what: 'start' | 'lapse' | 'completed' | 'failed' | 'uncertain', fence = 1): JobStep => ({
  do: what,
  fence
});

describe('a job', () => {
  test('is released once', () => {
    const printed = run(claim, at('start'), at('completed'));
    expect(stateOf(printed)).toBe('completed');
    expect(advance(printed, consent)).toBe('job-already-released');
    expect(advance(printed, at('start'))).toBe('grant-used');
  });

  test('has one claim at a time, and a lapsed one cannot start', () => {
    expect(advance(run(claim), claim)).toBe('job-in-progress');
    const replaced = run(claim, at('lapse'), claim);
    expect(replaced.attempts.map((a) => a.fence)).toEqual([1, 2]);
    expect(advance(replaced, at('start', 1))).toBe('grant-expired');
    expect(stateOf(run(claim, at('lapse'), claim, at('start', 2)))).toBe('printing');
  });

  test('that may have been printed needs consent, and stays in doubt when the second attempt comes to nothing', () => {
    const doubtful = run(claim, at('start'), at('uncertain'));
    expect(advance(doubtful, claim)).toBe('job-uncertain');
    const again = run(claim, at('start'), at('uncertain'), consent);
    expect(stateOf(again)).toBe('released');
    expect(stateOf(run(claim, at('start'), at('uncertain'), consent, at('lapse', 2)))).toBe('uncertain');
  });

  test('that a returning node reports as printed is completed, and an unused claim dies', () => {
    const late = run(claim, at('start'), at('uncertain'), consent, at('completed', 1));
    expect(stateOf(late)).toBe('completed');
    expect(advance(late, at('start', 2))).toBe('grant-expired');
  });

  test('that a returning node reports as not printed is held again', () => {
    expect(stateOf(run(claim, at('start'), at('uncertain'), at('failed')))).toBe('held');
  });

  test('cannot be canceled while the printer has it', () => {
    expect(advance(run(claim, at('start')), { do: 'cancel' })).toBe('job-in-progress');
    expect(stateOf(run(claim, { do: 'cancel' }))).toBe('canceled');
    expect(advance(run(claim, { do: 'cancel' }), at('start'))).toBe('job-not-releasable');
  });

  test('is not completed by a grant that never started', () => {
    expect(advance(run(claim), at('completed'))).toBe('conflict');
  });
});

const step: fc.Arbitrary<JobStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('claim' as const), acceptSecondCopy: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'start' as const,
        'lapse' as const,
        'completed' as const,
        'failed' as const,
        'uncertain' as const
      ),
      fence: fc.integer({ min: 0, max: 6 })
    })
  },
  { weight: 1, arbitrary: fc.constantFrom<JobStep>({ do: 'cancel' }, { do: 'expire' }) }
);

test('whatever happens in whatever order: one attempt under way, fences grow, final is final, nothing starts twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let job = fresh;
      const started = new Map<number, number>();
      for (const next of steps) {
        const before = stateOf(job);
        const result = advance(job, next);
        if (typeof result === 'string') continue;
        const after = stateOf(result);

        const underWay = result.attempts.filter((a) => a.state === 'claimed' || a.state === 'started');
        expect(underWay.length).toBeLessThanOrEqual(1);
        const fences = result.attempts.map((a) => a.fence);
        expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
        if (['completed', 'canceled', 'expired'].includes(before)) expect(after).toBe(before);
        if (next.do === 'start') {
          expect(before).toBe('released');
          started.set(next.fence, (started.get(next.fence) ?? 0) + 1);
          expect(started.get(next.fence)).toBe(1);
        }
        // A second copy is never risked without consent.
        if (next.do === 'claim' && job.attempts.some((a) => a.state === 'uncertain' || a.state === 'completed'))
          expect(next.acceptSecondCopy && before === 'uncertain').toBe(true);
        expect(result.attempts.length).toBeGreaterThanOrEqual(job.attempts.length);
        job = result;
      }
    }),
    { numRuns: 500 }
  );
});
