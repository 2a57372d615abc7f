import { isIPv6 } from 'node:net';
import type { PairingId, TokenId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Enrollment } from '../../protocol/pairing-api.ts';
import type { Applicant } from './enroll.ts';

/**
 * Pairing requests while they wait, in memory: strangers write nothing to the database, and a restart forgets them. Bounded in
 * number, each for limits.pairingSeconds; what became of one can be asked for as long again.
 */
export interface PairingRequest {
  readonly id: PairingId;
  readonly applicant: Applicant;
  readonly csrSha256: string;
  /** SHA-256 of the device's nonce, base64url. */
  readonly commitment: string;
  readonly coordinatorNonce: Uint8Array;
  readonly token: TokenId | null;
  readonly address: string;
  readonly created: number;
  readonly expires: number;
  /** Known once the device has revealed its nonce: only then may anybody approve. */
  revealed: { readonly nonce: string; readonly code: string } | null;
  wrongCodes: number;
  /** While an approval is being written, so that two cannot be. */
  approving: boolean;
  outcome: PairingOutcome | null;
}
export type PairingOutcome =
  | { readonly state: 'approved'; readonly enrollment: Enrollment }
  | { readonly state: 'rejected' | 'expired' };

export interface PairingRequests {
  /** Throws `rate-limited` when too many wait; those that bring a valid token do not wait behind strangers. */
  add(request: Omit<PairingRequest, 'revealed' | 'wrongCodes' | 'approving' | 'outcome'>): void;
  /** Throws `not-found`. */
  get(id: PairingId): PairingRequest;
  /** Those that an administrator can decide on, oldest first. */
  waiting(): PairingRequest[];
  /** The first outcome stays. */
  settle(request: PairingRequest, outcome: PairingOutcome): void;
  /** Resolves with the outcome, or with null after `ms` or when `signal` aborts. */
  outcome(request: PairingRequest, ms: number, signal: AbortSignal): Promise<PairingOutcome | null>;
  close(): void;
}

export function createPairingRequests(clock: Clock): PairingRequests {
  const requests = new Map<PairingId, PairingRequest>();
  const timers = new Map<PairingId, () => void>();
  const listeners = new Map<PairingId, Set<() => void>>();

  function forget(id: PairingId): void {
    timers.get(id)?.();
    timers.delete(id);
    requests.delete(id);
  }
  function remember(request: PairingRequest, ms: number, then: () => void): void {
    timers.get(request.id)?.();
    timers.set(request.id, clock.after(ms, then));
  }
  function settle(request: PairingRequest, outcome: PairingOutcome): void {
    if (request.outcome) return;
    request.outcome = outcome;
    remember(request, limits.pairingSeconds * 1000, () => forget(request.id));
    for (const wake of listeners.get(request.id) ?? []) wake();
  }
  const undecided = () => [...requests.values()].filter((request) => !request.outcome);
  /**
   * What takes up room. A request that its own opener spoiled keeps its place until it would have expired: whoever sits
   * between knows the code as soon as our nonce is out, and must not throw dice until it fits another machine's.
   */
  const takesRoom = ({ outcome, revealed, expires }: PairingRequest) =>
    !outcome || (outcome.state === 'rejected' && !revealed && expires > clock.now());

  return {
    add(opened) {
      const alike = (request: PairingRequest) => (request.token === null) === (opened.token === null);
      const open = [...requests.values()].filter((request) => takesRoom(request) && alike(request));
      const network = networkOf(opened.address);
      const fromThere = open.filter(({ address }) => networkOf(address) === network).length;
      const share = opened.token === null ? limits.pairingRequestsPerNetwork : limits.pairingRequests / 2;
      if (open.length >= limits.pairingRequests || fromThere >= share)
        throw new LetterlockError('rate-limited', 'pairing requests');
      // Decided ones make room, the oldest first.
      for (const other of requests.values()) {
        if (requests.size < 2 * limits.pairingRequests) break;
        if (!takesRoom(other)) forget(other.id);
      }
      const request: PairingRequest = { ...opened, revealed: null, wrongCodes: 0, approving: false, outcome: null };
      requests.set(request.id, request);
      const expire = () => {
        if (request.approving) remember(request, 1000, expire);
        else settle(request, { state: 'expired' });
      };
      remember(request, request.expires - clock.now(), expire);
    },
    get(id) {
      const request = requests.get(id);
      if (!request) throw new LetterlockError('not-found', 'pairing request');
      return request;
    },
    waiting: () => undecided().filter((request) => request.revealed),
    settle,
    outcome(request, ms, signal) {
      return new Promise((resolve) => {
        const waiting = listeners.get(request.id) ?? new Set();
        listeners.set(request.id, waiting);
        const done = () => {
          stopTimer();
          signal.removeEventListener('abort', done);
          waiting.delete(done);
          if (waiting.size === 0) listeners.delete(request.id);
          resolve(request.outcome);
        };
        const stopTimer = clock.after(ms, done);
        signal.addEventListener('abort', done);
        waiting.add(done);
        if (request.outcome || signal.aborted) done();
      });
    },
    close() {
      for (const off of timers.values()) off();
      for (const waiting of listeners.values()) for (const done of waiting) done();
    }
  };
}

/** What one stranger surely has all of: an IPv4 address, or the first half of an IPv6 address (RFC 6177). */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const gap = address.includes('::') ? Math.max(0, 8 - head.length - tail.length) : 0;
  return [...head, ...Array(gap).fill('0'), ...tail].slice(0, 4).join(':');
}
