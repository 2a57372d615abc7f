import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Claim } from '../../protocol/offline.ts';
import { majorityOf } from '../../sealing/escrow.ts';
import { mayFollow } from './voting.ts';

const id = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const claim = (n: number, station: number | null): Claim => ({
  job: JobId.parse(id(0)),
  grant: GrantId.parse(id(n)),
  node: DeviceId.parse(id(n)),
  fence: n,
  station: station === null ? null : DeviceId.parse(id(station)),
  expires: '2026-01-01T00:00:00.000Z'
});

it('of all releases of which one at least is a station’s, one at most gets a majority of the voters at any time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.option(fc.integer({ min: 1, max: 3 })), { minLength: 2, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { maxLength: 40 }),
      (size, stations, messages) => {
        const voters = Array.from({ length: size }, (_, i) => DeviceId.parse(id(100 + i)));
        const claims = stations.map((station, i) => claim(i + 1, station));
        const held = new Map<number, Claim>();
        const yes = claims.map(() => new Set<number>());
        for (const [to, which] of messages) {
          const voter = to % size;
          const asked = claims[which % claims.length];
          if (!asked || !mayFollow(held.get(voter), asked)) continue;
          held.set(voter, asked);
          yes[claims.indexOf(asked)]?.add(voter);
        }
        const won = claims.filter((_, i) => (yes[i]?.size ?? 0) >= majorityOf({ voters }));
        // Several of the coordinator's may have had one, one after the other: it lets only the newest begin.
        expect(won.filter(({ station }) => station !== null).length).toBeLessThanOrEqual(1);
        if (won.some(({ station }) => station !== null)) expect(won).toHaveLength(1);
      }
    ),
    { numRuns: 2000 }
  );
});
