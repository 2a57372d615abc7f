import type { z } from 'zod';
import type { DeviceId, GrantId } from '../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Approval, ApprovalRequest } from '../protocol/device-api.ts';
import type { Perform } from './act.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { Peer } from './cluster/words.ts';
import type { EventStreams } from './event-streams.ts';

/**
 * Strict custody: releases that wait for a word from the device that printed the job. They live in memory and for a short while,
 * since somebody stands at a printer; every coordinator knows of them, since that device may be connected to any. What comes back is sealed to the node: the coordinator passes it on and cannot open it.
 */
export interface Approvals {
  /**
   * J, sealed to the node. Throws `approval-unavailable`, `approval-declined`, `approval-expired`, or `job-in-progress` when it
   * is being asked for already. `signal` withdraws the question.
   */
  ask(question: Question, signal: AbortSignal): Promise<Sealed>;
  /** From the device that was asked, and nobody else; once. */
  answer(id: GrantId, device: DeviceId, answer: z.infer<typeof Approval>): Promise<void>;
  close(): void;
}
export type Question = Omit<ApprovalRequest, 'expires' | 'delegate'> & {
  readonly delegate: string | undefined;
  /** That printed the job. */
  readonly custodian: DeviceId;
};

interface Waiting {
  readonly custodian: DeviceId;
  readonly request: ApprovalRequest;
  readonly settle: (answer: Sealed | LetterlockError) => void;
}

export function createApprovals(options: {
  readonly streams: EventStreams;
  readonly cluster: Cluster;
  readonly perform: Perform;
  readonly clock: Clock;
}): Approvals {
  const { streams, cluster, perform, clock } = options;
  const waiting = new Map<GrantId, Waiting>();
  /** Those that wait at other coordinators. */
  const elsewhere = new Map<GrantId, Omit<Waiting, 'settle'> & { readonly peer: Peer }>();

  const waitingAt = (custodian: DeviceId) =>
    [...waiting.values(), ...elsewhere.values()].filter((one) => one.custodian === custodian);
  const tell = (custodian: DeviceId) =>
    streams.send(custodian, { type: 'approvals', requests: waitingAt(custodian).map(({ request }) => request) });
  const offHere = streams.onHere((device, here) => {
    if (here && waitingAt(device).length > 0) tell(device);
  });
  const offPresence = streams.onPresence((device, online) => {
    if (online) return;
    for (const { custodian, settle } of [...waiting.values()])
      if (custodian === device) settle(new LetterlockError('approval-unavailable'));
  });

  const ask = ({ custodian, request }: Omit<Waiting, 'settle'>) =>
    void cluster.say({ type: 'question', custodian, request });
  cluster.on('question', ({ custodian, request }, peer) => {
    elsewhere.set(request.id, { custodian, request, peer });
    tell(custodian);
  });
  cluster.on('settled', ({ grant, custodian }) => {
    if (elsewhere.delete(grant)) tell(custodian);
  });
  cluster.on('answer', ({ grant, jobPart }) =>
    waiting.get(grant)?.settle(jobPart ?? new LetterlockError('approval-declined'))
  );
  cluster.onJoined(() => {
    for (const one of waiting.values()) ask(one);
  });
  cluster.onGone((gone) => {
    for (const [grant, { custodian, peer }] of [...elsewhere])
      if (peer === gone && elsewhere.delete(grant)) tell(custodian);
  });

  return {
    async ask({ custodian, ...question }, signal) {
      signal.throwIfAborted();
      if (!streams.isOnline(custodian)) throw new LetterlockError('approval-unavailable');
      const others = waitingAt(custodian);
      if (others.some(({ request }) => request.job === question.job)) throw new LetterlockError('job-in-progress');
      if (others.length >= limits.approvalsPerDevice) throw new LetterlockError('rate-limited', 'approvals');

      const lifeMs = limits.approvalSeconds * 1000;
      const request = { ...question, expires: isoTime(clock.now() + lifeMs) };
      return new Promise((resolve, reject) => {
        const settle: Waiting['settle'] = (answer) => {
          if (!waiting.delete(request.id)) return;
          stopWaiting();
          signal.removeEventListener('abort', withdraw);
          tell(custodian);
          void cluster.say({ type: 'settled', grant: request.id, custodian });
          if (answer instanceof LetterlockError) reject(answer);
          else resolve(answer);
        };
        const withdraw = () => settle(new LetterlockError('approval-expired'));
        const stopWaiting = clock.after(lifeMs, () => settle(new LetterlockError('approval-expired')));
        signal.addEventListener('abort', withdraw);
        waiting.set(request.id, { custodian, request, settle });
        tell(custodian);
        ask({ custodian, request });
      });
    },

    async answer(id, device, { jobPart }) {
      const here = waiting.get(id);
      const asked = here ?? elsewhere.get(id);
      if (asked?.custodian !== device) throw new LetterlockError('not-found', 'approval');
      const { job, node, printer, requestedBy } = asked.request;
      await perform(`device:${device}`, async ({ tables, record }) => {
        record(jobPart ? 'release.approved' : 'release.declined', job, {
          grant: id,
          node,
          printer,
          device: requestedBy
        });
        if (!here) await cluster.say({ type: 'answer', grant: id, jobPart }, tables);
      });
      if (here) here.settle(jobPart ?? new LetterlockError('approval-declined'));
      else if (elsewhere.delete(id)) tell(device);
    },

    close() {
      offHere();
      offPresence();
      for (const { settle } of waiting.values()) settle(new LetterlockError('approval-unavailable'));
    }
  };
}
