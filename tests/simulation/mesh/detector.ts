import type { Member, MemberState, Membership } from '../../../src-main/mesh/membership/port.ts';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Process } from './machine.ts';

/**
 * In place of the real membership where worlds are many: finds out late, not at the same time as others, and suspects without reason,
 * as the real one does, without its five messages a second.
 */
export interface Detector extends Pick<Membership, 'members' | 'member' | 'onChange'> {
  /** Who can be reached has changed. */
  look(): void;
}

export function createDetector(options: {
  readonly process: Process;
  readonly others: readonly DeviceId[];
  readonly reaches: (other: DeviceId) => boolean;
  readonly random: () => number;
}): Detector {
  const { process, others, reaches, random } = options;
  const { clock } = process;
  const known = new Map<DeviceId, Member>();
  const listeners = new Set<(changed: Member) => void>();

  const say = (id: DeviceId, state: MemberState): void => {
    const before = known.get(id);
    if (before?.state === state || (state !== 'alive' && !before)) return;
    const member: Member = { id, state, incarnation: 0, condition: null, since: clock.now() };
    known.set(id, member);
    for (const listener of [...listeners]) listener(member);
  };
  /** Who is being found out about: another look adds nothing, and in a mesh of hundreds there are many looks. */
  const checking = new Set<DeviceId>();
  const check = (id: DeviceId): void => {
    const state = known.get(id)?.state ?? 'dead';
    if (checking.has(id) || (state === 'alive') === reaches(id)) return;
    checking.add(id);
    const found = (now: MemberState): void => {
      checking.delete(id);
      say(id, now);
    };
    clock.after(200 + random() * 2500, () => {
      if (reaches(id)) return found('alive');
      say(id, 'suspect');
      clock.after(600 + random() * 2400, () => found(reaches(id) ? 'alive' : 'dead'));
    });
  };
  const doubt = (): void => {
    const id = others[Math.floor(random() * others.length)];
    if (id && known.get(id)?.state === 'alive') {
      say(id, 'suspect');
      clock.after(500, () => check(id));
      clock.after(700, () => reaches(id) && say(id, 'alive'));
    }
    clock.after(60_000 + random() * 240_000, doubt);
  };
  clock.after(random() * 240_000, doubt);

  const look = (): void => {
    for (const id of others) check(id);
  };
  look();
  return {
    look,
    members: () => [...known.values()],
    member: (id) => known.get(id),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    }
  };
}
