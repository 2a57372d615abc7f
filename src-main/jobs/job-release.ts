import type { z } from 'zod';
import type { DeviceId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, fromFailure, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { pause } from '../base/retry.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { GrantBundle } from '../protocol/device-api.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import { reachableHolder } from './placement.ts';
import type { JobsPorts } from './port.ts';
import { rankHolders } from './replicas.ts';

/**
 * A release, as client and station both ask for it: a grant for one holder that answers, brought to that holder, followed to
 * the printer. Never asks twice where a first copy may already be on its way: before the holder has begun another one may be
 * asked (the coordinator's fence keeps the first from beginning later), after that only a person decides.
 */
export interface ReleaseRequest {
  readonly job: JobId;
  readonly holders: readonly DeviceId[];
  readonly printer: PrinterId;
  /** Of the signed-in user. */
  readonly session: string;
  readonly acceptSecondCopy: boolean;
  /** Strict custody: the job part comes from here, out of a release ticket; nobody is asked for it. */
  readonly ticket?: boolean;
  /** Strict custody, where the job part is: seals it to the node under this grant. */
  readonly jobPartFor?: ((grant: Signed, node: DeviceId) => Promise<Sealed>) | undefined;
  onEvent(event: ReleaseStep): void;
}

export type ReleaseStep =
  | { readonly state: 'released' | 'printing' }
  | { readonly bytes: number; readonly total: number };

/** `printing`: the node went out of sight; the coordinator will say. */
export type ReleaseEnd =
  | { readonly state: 'completed' | 'printing'; readonly error?: never }
  | { readonly state: 'held' | 'uncertain'; readonly error: LetterlockError };

/** The printer has the job; `ended` tells the rest and never rejects. */
export interface Delivered {
  readonly ended: Promise<ReleaseEnd>;
}

type Ports = Pick<JobsPorts, 'organization' | 'transport' | 'clock' | 'logger'>;

/** Resolves when the printer has the whole job. Throws the coded reason; `job-uncertain` when it may have got it. */
export async function releaseJob(request: ReleaseRequest, ports: Ports, signal: AbortSignal): Promise<Delivered> {
  const { job } = request;
  let untried = rankHolders(request.holders, ports.organization);
  let failed = new LetterlockError('node-unreachable');
  for (let first = true; ; first = false) {
    const node = await reachableHolder(untried, ports, signal);
    if (!node) throw failed;
    untried = untried.filter((id) => id !== node);
    try {
      const granted = await grantFor(request, node, first, ports, signal);
      const jobPart = await request.jobPartFor?.(granted.grant, node);
      const bundle = jobPart ? { ...granted, jobPart } : granted;
      request.onEvent({ state: 'released' });
      return await followToPrinter(ports.transport.release(node, bundle, signal), request.onEvent);
    } catch (cause) {
      signal.throwIfAborted();
      failed = asLetterlockError(cause, 'node-unreachable');
      if (!mayHelp.includes(failed.code)) throw failed;
      ports.logger.warn({ job, node, error: failed }, 'a holder could not release the job: the next one is asked');
    }
  }
}

/** Nothing was printed, and another holder may do better. */
const mayHelp: readonly string[] = [
  'node-unreachable',
  'node-reconciling',
  'not-found',
  'seal-broken',
  'storage-damaged',
  'internal'
];

const retryMs = 1_000;

/** After a holder that failed to begin, its claim may have to lapse first. */
async function grantFor(
  { session, job, printer, acceptSecondCopy, ticket }: ReleaseRequest,
  node: DeviceId,
  first: boolean,
  { organization, clock }: Ports,
  signal: AbortSignal
): Promise<z.infer<typeof GrantBundle>> {
  const lapsed = clock.now() + limits.grantSeconds * 1000 + retryMs;
  for (;;) {
    try {
      const body = { session, job, printer, node, acceptSecondCopy, ticket };
      return await organization.call('/v1/grants', body, GrantBundle, {
        signal,
        idleSeconds: limits.approvalSeconds + 10
      });
    } catch (error) {
      const claimed = error instanceof LetterlockError && error.code === 'job-in-progress';
      if (first || !claimed || clock.now() >= lapsed) throw error;
      await pause(retryMs, clock, signal);
    }
  }
}

async function followToPrinter(
  events: AsyncIterable<ReleaseEvent>,
  onEvent: ReleaseRequest['onEvent']
): Promise<Delivered> {
  const iterator = events[Symbol.asyncIterator]();
  let total: number | undefined;
  const brokeOff = (cause: unknown): never => {
    if (total === undefined) throw cause; // not begun
    throw new LetterlockError('job-uncertain', 'the node broke off', { cause });
  };
  for (;;) {
    const event = await nextEvent(iterator).catch(brokeOff);
    switch (event.type) {
      case 'started':
        total = event.bytes;
        onEvent({ state: 'printing' });
        break;
      case 'progress':
        onEvent({ bytes: event.bytes, total: total ?? event.bytes });
        break;
      case 'delivered':
        return { ended: followToEnd(iterator) };
      case 'completed':
        return { ended: Promise.resolve({ state: 'completed' }) };
      case 'failed':
        throw reasonOf(event);
    }
  }
}

async function followToEnd(iterator: AsyncIterator<ReleaseEvent>): Promise<ReleaseEnd> {
  try {
    for (;;) {
      const event = await nextEvent(iterator);
      if (event.type === 'completed') return { state: 'completed' };
      if (event.type === 'failed') return { state: event.uncertain ? 'uncertain' : 'held', error: reasonOf(event) };
    }
  } catch {
    return { state: 'printing' };
  }
}

async function nextEvent(iterator: AsyncIterator<ReleaseEvent>): Promise<ReleaseEvent> {
  const next = await iterator.next();
  if (next.done) throw new LetterlockError('node-unreachable');
  return next.value;
}

/** The node's own word on why. */
function reasonOf(event: Extract<ReleaseEvent, { type: 'failed' }>): LetterlockError {
  const said = fromFailure(event);
  return event.uncertain ? new LetterlockError('job-uncertain', said.detail, { cause: said }) : said;
}
