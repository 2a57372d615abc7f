import { describe, expect, it } from 'vitest';
import { type ClaimsVariant, claimsModel } from './claims.ts';
import { explore } from './explore.ts';

/** `npm run simulate -- --model` goes further. */
it.each<[...ClaimsVariant['by'], number]>([
  ['station', 'station', 1],
  ['station', 'coordinator', 0],
  ['coordinator', 'station', 0]
])(
  'of two releases, by a %s and by a %s, no more is printed than people allowed, and there is a way out: %i crashes',
  (first, second, crashes) => {
    const { violation, stuck, ...counts } = explore(claimsModel({ by: [first, second] }, { crashes }));
    process.stdout.write(`claims ${JSON.stringify({ first, second, crashes, ...counts })}\n`);
    expect(violation).toBeNull();
    expect(stuck).toBeNull();
    expect(counts.finals).toBeGreaterThan(0);
  },
  120_000
);

describe('the model notices when', () => {
  const printedTwice = (variant: ClaimsVariant) => explore(claimsModel(variant, { crashes: 0 })).violation?.what;
  it.each<ClaimsVariant>([
    { by: ['station', 'station'], without: 'majority' },
    { by: ['station', 'station'], without: 'memory' },
    // A holder that was away does not know of the end, and voters that have forgotten whom they said yes to let it print again.
    { by: ['station', 'station'], without: 'ended' },
    { by: ['coordinator', 'station'], without: 'ended' }
  ])(
    '%j',
    (variant) => {
      expect(printedTwice(variant)).toMatch(/^printed 2 times/);
    },
    120_000
  );
});
