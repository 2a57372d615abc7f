import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import { type Digest, MemberWord, Suspicion } from '../../protocol/membership.ts';
import type { Member, MemberState } from './port.ts';
import { swim } from './settings.ts';
import type { Statements } from './statements.ts';

/**
 * What is known of the others. Two kinds of statements change it: a member's own word, of which the highest incarnation counts,
 * and suspicions of that very incarnation. That somebody is dead is nobody's statement: it follows here, when a suspect has had
 * its time to object.
 */
export interface Roster {
  members(): readonly Member[];
  member(id: DeviceId): Member | undefined;
  /** What is old, or signed by nobody who belongs here, changes nothing. Throws `input-invalid` for a forgery. */
  hear(signed: Signed): void;
  /** In the order of ids, with what each rests on. */
  records(): readonly MemberRecord[];
  record(id: DeviceId): MemberRecord | undefined;
  /** Who belongs has changed. */
  review(): void;
  close(): void;
}

export interface MemberRecord extends Member {
  readonly signed: Signed;
  readonly suspicions: ReadonlyMap<DeviceId, Signed>;
  readonly digest: Digest;
}

export interface RosterOptions {
  readonly self: DeviceId;
  readonly statements: Statements;
  readonly clock: Clock;
  readonly belongs: (id: DeviceId) => boolean;
  /** How long a suspect has, in ms, that so many suspect. */
  readonly patience: (suspicions: number) => number;
  readonly onChange: (changed: Member) => void;
  /** To be passed on. */
  readonly onNews: (key: string, signed: Signed) => void;
  /** Somebody holds such a word of this node, perhaps one that it no longer knows. */
  readonly onOwnWord: (incarnation: number) => void;
  readonly onSuspected: (incarnation: number) => void;
  /** A suspect has objected in time that this node itself had found silent. */
  readonly onRefuted: () => void;
}

interface Entry {
  readonly word: MemberWord;
  readonly signed: Signed;
  state: MemberState;
  since: number;
  readonly suspicions: Map<DeviceId, Signed>;
  endWait: () => void;
}

export function createRoster(options: RosterOptions): Roster {
  const { self, statements, clock, belongs, patience, onChange, onNews, onOwnWord, onSuspected, onRefuted } = options;
  const entries = new Map<DeviceId, Entry>();
  /** Sorted once for all pages until something changes. */
  let sorted: readonly MemberRecord[] | null = null;

  const changed = (entry: Entry): void => {
    sorted = null;
    onChange(memberOf(entry));
  };
  const change = (entry: Entry, state: MemberState): void => {
    entry.state = state;
    entry.since = clock.now();
    changed(entry);
  };

  function hearWord(signed: Signed): void {
    const id = signed.signer;
    const known = entries.get(id);
    if (known?.signed.signature === signed.signature) return;
    const word = statements.open('member', signed, MemberWord);
    if (!word || word.id !== id) return;
    if (id === self) onOwnWord(word.incarnation);
    if (id === self || word.incarnation <= (known?.word.incarnation ?? -1)) return;
    known?.endWait();
    if (known?.suspicions.has(self)) onRefuted();
    const since = known?.state === word.state ? known.since : clock.now();
    const entry: Entry = { word, signed, state: word.state, since, suspicions: new Map(), endWait: () => {} };
    entries.set(id, entry);
    onNews(`word ${id}`, signed);
    changed(entry);
  }

  function hearSuspicion(signed: Signed): void {
    const suspicion = statements.open('suspicion', signed, Suspicion);
    if (!suspicion) return;
    const { about, incarnation } = suspicion;
    if (about === self) onSuspected(incarnation);
    const entry = entries.get(about);
    if (!entry || entry.word.incarnation !== incarnation || entry.state === 'left') return;
    const { suspicions } = entry;
    if (about === signed.signer || suspicions.has(signed.signer) || suspicions.size > swim.confirmations) return;
    if (signed.signer !== self && suspectsOf(signed.signer) >= swim.suspicionsOfOne) return;
    suspicions.set(signed.signer, signed);
    sorted = null;
    if (entry.state === 'dead') return;
    onNews(`suspicion ${about} ${signed.signer}`, signed);
    if (entry.state === 'alive') change(entry, 'suspect');
    waitFor(about, entry);
  }

  const suspectsOf = (accuser: DeviceId): number =>
    [...entries.values()].filter(({ state, suspicions }) => state === 'suspect' && suspicions.has(accuser)).length;

  /** What is left of the time that a suspect has. A machine that slept through it begins anew: it could not hear objections. */
  function waitFor(id: DeviceId, entry: Entry, from = entry.since): void {
    entry.endWait();
    const due = Math.max(clock.now(), from + patience(entry.suspicions.size));
    entry.endWait = clock.after(due - clock.now(), () => {
      if (entries.get(id) !== entry) return;
      if (clock.now() > due + swim.stall) waitFor(id, entry, clock.now());
      else change(entry, 'dead');
    });
  }

  return {
    members: () => [...entries.values()].map(memberOf),
    member: (id) => optional(entries.get(id), memberOf),
    hear: (signed) => (signed.kind === 'member' ? hearWord(signed) : hearSuspicion(signed)),
    records() {
      sorted ??= [...entries.values()].map(recordOf).sort((one, other) => (one.id < other.id ? -1 : 1));
      return sorted;
    },
    record: (id) => optional(entries.get(id), recordOf),
    review() {
      for (const [id, entry] of entries) {
        if (belongs(id)) continue;
        entry.endWait();
        entries.delete(id);
        change(entry, 'dead');
      }
    },
    close() {
      for (const { endWait } of entries.values()) endWait();
    }
  };
}

const memberOf = ({ word: { id, incarnation, condition }, state, since }: Entry): Member => ({
  id,
  state,
  incarnation,
  condition,
  since
});

/** Written out, not spread together: one is made with every message. */
const recordOf = ({ word: { id, incarnation, condition }, state, since, signed, suspicions }: Entry): MemberRecord => ({
  id,
  state,
  incarnation,
  condition,
  since,
  signed,
  suspicions,
  digest: { id, incarnation, suspicions: suspicions.size }
});

const optional = <From, To>(value: From | undefined, map: (value: From) => To): To | undefined =>
  value === undefined ? undefined : map(value);
