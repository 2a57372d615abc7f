import { describe, expect, it } from 'vitest';
import { atMostOnce, type Bounds, type Variant } from './at-most-once.ts';
import { explore } from './explore.ts';

/** All that can happen within these bounds. `npm run simulate -- --model` goes further: docs/spec/mesh.md has its numbers. */
const cases: [Variant, Bounds][] = [
  [
    { way: 'create-job', tells: true },
    { attempts: 1, crashes: 2 }
  ],
  [
    { way: 'create-job', tells: false },
    { attempts: 1, crashes: 2 }
  ],
  [
    { way: 'print-job', tells: true },
    { attempts: 1, crashes: 2 }
  ],
  [
    { way: 'print-job', tells: false },
    { attempts: 1, crashes: 2 }
  ],
  [
    { way: 'create-job', tells: true },
    { attempts: 2, crashes: 0 }
  ]
];

it.each(cases)(
  'a job is printed at most once, nothing is called what it is not, and there is always a way out: %j %j',
  (variant, bounds) => {
    const { violation, stuck, ...counts } = explore(atMostOnce(variant, bounds));
    process.stdout.write(`model ${JSON.stringify({ ...variant, ...bounds, ...counts })}\n`);
    expect(violation).toBeNull();
    expect(stuck).toBeNull();
    expect(counts.finals).toBeGreaterThan(0);
  },
  120_000
);

describe('the model notices when', () => {
  const find = (variant: Variant, attempts: number) => explore(atMostOnce(variant, { attempts, crashes: 0 })).violation;
  const printer = { way: 'create-job', tells: true } as const;

  it('a node may begin with a claim that has lapsed', () => {
    expect(find({ ...printer, without: 'fence' }, 2)?.what).toMatch(/^printed/);
  });
  it('the printer is not asked what became of a job', () => {
    expect(find({ ...printer, without: 'question' }, 1)?.what).toBe('printed, and called failed');
  });
  it('a refused document is called unprinted without a look', () => {
    const found = find({ way: 'print-job', tells: true, without: 'look' }, 1);
    expect(found?.what).toBe('printed, and called failed');
    expect(found?.trace).toContain('the printer puts out a first sheet');
  });
  it('what the printer calls completed is believed without its answer to the whole document', () => {
    const found = find({ ...printer, without: 'answer' }, 1);
    expect(found?.what).toBe('printed in part, and called completed');
    expect(found?.trace).toContain('the printer takes a part for all');
  });
  it('silence is called failure', () => {
    expect(find({ ...printer, without: 'uncertain' }, 1)?.what).toBe('printed, and called failed');
  });
});

describe('the explorer', () => {
  /** A counter that may stop for good at three. */
  const counter = (trap: boolean) => ({
    initial: 0,
    key: String,
    violation: (state: number) => (state > 8 ? 'too far' : null),
    isFinal: (state: number) => state === 8,
    *steps(state: number) {
      if (state < 8) yield { name: 'one more', to: state + 1, fault: trap && state === 3 };
    }
  });
  it('finds a state without a way out, and the shortest way to it', () => {
    expect(explore(counter(false))).toMatchObject({ states: 9, depth: 8, finals: 1, stuck: null });
    expect(explore(counter(true)).stuck).toEqual([]);
  });
  it('proves nothing when there are too many states', () => {
    expect(() => explore(counter(false), 5)).toThrow('more than 5');
  });
});
