import type { z } from 'zod';
import type { DeviceId, SeenView } from '../../src-preload/contract/index.ts';
import type { MemberReport } from '../protocol/device-api.ts';

/**
 * What nodes say of each other: whom each takes for alive, suspect, dead or gone. Counted for administrators, kept in memory
 * only, and nothing is decided by it: a node may lie.
 */
export interface MemberReports {
  say(reporter: DeviceId, members: readonly MemberReport[] | undefined): void;
  /** How many of the reporters that count take it for what. */
  seen(device: DeviceId, counts: (reporter: DeviceId) => boolean): z.infer<typeof SeenView>;
}

export function createMemberReports(): MemberReports {
  const reports = new Map<DeviceId, ReadonlyMap<DeviceId, MemberReport['state']>>();
  return {
    say(reporter, members) {
      if (members) reports.set(reporter, new Map(members.map(({ id, state }) => [id, state])));
      else reports.delete(reporter);
    },
    seen(device, counts) {
      const seen = { alive: 0, suspect: 0, dead: 0, left: 0 };
      for (const [reporter, members] of reports) {
        const state = members.get(device);
        if (state && reporter !== device && counts(reporter)) seen[state] += 1;
      }
      return seen;
    }
  };
}
