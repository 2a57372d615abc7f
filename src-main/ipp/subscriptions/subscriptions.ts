import type { JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { find, firstBoolean, firstInteger, integer, integersOf } from '../attributes.ts';
import { type Handlers, type IppAnswer, ok, type PrinterCall, userOf } from '../call.ts';
import { isFinal } from '../job-state.ts';
import type { IppGroup } from '../message.ts';
import type { IntakeJob } from '../port.ts';
import { badRequest, IppRefusal } from '../refusal.ts';
import { chooseAttributes } from '../requested-attributes.ts';
import type { WatchedIntake } from './changes.ts';
import { type Created, createFrom, readGroups } from './creation.ts';
import { createSubscriptionStore } from './store.ts';
import { describe, notifications, type PrinterTerms, type Subscription } from './subscription.ts';
import { eventLife } from './supported.ts';
import { readLease } from './template.ts';

export interface SubscriptionOptions {
  intake: WatchedIntake;
  clock: Clock;
  terms: PrinterTerms;
}

export type SubscriptionOperation =
  | 'Create-Printer-Subscriptions'
  | 'Create-Job-Subscriptions'
  | 'Get-Subscription-Attributes'
  | 'Get-Subscriptions'
  | 'Renew-Subscription'
  | 'Cancel-Subscription'
  | 'Get-Notifications';

export interface Subscriptions {
  handlers: Handlers<SubscriptionOperation>;
  /**
   * The subscription-attributes groups of a job creation request. They are read at once: throws IppRefusal where the job must
   * not come to be. The result creates them for the job (null: for none, as Validate-Job asks); the groups belong at the end of
   * the response, and `ignored` makes a success successful-ok-ignored-subscriptions.
   */
  forJob(call: PrinterCall): (job: JobId | null) => Created;
  /** Answers those who wait and ends all subscriptions. */
  close(): void;
}

/**
 * Subscriptions (RFC 3995) to events that are fetched with Get-Notifications (RFC 3996): a wait is answered when an event
 * comes, and nothing is pushed. Users meet their own subscriptions only, and hear of their own jobs only, unless they may
 * see all.
 */
export function createSubscriptions({ intake, clock, terms }: SubscriptionOptions): Subscriptions {
  const store = createSubscriptionStore(intake, clock);

  function subscriptionOf(call: PrinterCall): Subscription {
    const id = firstInteger(call.request.operation, 'notify-subscription-id');
    if (id === undefined) throw badRequest('notify-subscription-id is missing');
    return visible(id, call);
  }

  function visible(id: number, call: PrinterCall): Subscription {
    const subscription = store.get(id);
    if (!subscription) throw new IppRefusal('client-error-not-found', 'there is no such subscription');
    if (!mayTouch(call, subscription.owner)) {
      throw new IppRefusal('client-error-not-authorized', 'the subscription is not yours');
    }
    return subscription;
  }

  function jobOf(call: PrinterCall): IntakeJob | null {
    const number = firstInteger(call.request.operation, 'notify-job-id');
    if (number === undefined) return null;
    const job = intake.jobs().find(({ id }) => terms.jobNumber(id) === number);
    if (!job || !mayTouch(call, job.userName)) throw new IppRefusal('client-error-not-found', 'there is no such job');
    return job;
  }

  function create(call: PrinterCall, job: IntakeJob | null): IppAnswer {
    const read = readGroups(call.request.message, job !== null);
    if (read.length === 0) throw badRequest('the subscription attributes are missing');
    const target = job && { id: job.id, number: terms.jobNumber(job.id) };
    const { groups, count, ignored } = createFrom(read, (template) =>
      store.add({ ...subscriber(call), job: target, template })
    );
    if (!ignored) return ok(groups);
    return {
      status: count > 0 ? 'successful-ok-ignored-subscriptions' : 'client-error-ignored-all-subscriptions',
      groups
    };
  }

  const handlers: Handlers<SubscriptionOperation> = {
    'Create-Printer-Subscriptions': (call) => create(call, null),

    'Create-Job-Subscriptions'(call) {
      const job = jobOf(call);
      if (!job) throw badRequest('notify-job-id is missing');
      if (isFinal(job)) throw new IppRefusal('client-error-not-possible', `the job is already ${job.state}`);
      return create(call, job);
    },

    'Get-Subscription-Attributes'(call) {
      return ok([shown(subscriptionOf(call), call, ['all'])]);
    },

    'Get-Subscriptions'(call) {
      const { operation } = call.request;
      const limit = firstInteger(operation, 'limit') ?? Number.POSITIVE_INFINITY;
      if (limit < 1) throw badRequest('limit is at least 1');
      const job = jobOf(call);
      const mine = firstBoolean(operation, 'my-subscriptions') === true;
      const chosen = store
        .all()
        .filter(
          (each) => each.job?.id === job?.id && (mine ? each.owner === userOf(call) : mayTouch(call, each.owner))
        );
      return ok(chosen.slice(0, limit).map((each) => shown(each, call, ['notify-subscription-id'])));
    },

    'Renew-Subscription'(call) {
      const subscription = subscriptionOf(call);
      if (subscription.job) throw new IppRefusal('client-error-not-possible', 'subscriptions of a job have no lease');
      const wanted =
        call.request.message.groups.find(({ tag }) => tag === 'subscription-attributes-tag')?.attributes ?? [];
      store.lease(subscription, readLease(wanted));
      const { lease } = subscription.template;
      const asIs = !find(wanted, 'notify-lease-duration') || firstInteger(wanted, 'notify-lease-duration') === lease;
      return {
        status: asIs ? 'successful-ok' : 'successful-ok-ignored-or-substituted-attributes',
        groups: [{ tag: 'subscription-attributes-tag', attributes: [integer('notify-lease-duration', lease)] }]
      };
    },

    'Cancel-Subscription'(call) {
      store.end(subscriptionOf(call).id);
      return ok();
    },

    async 'Get-Notifications'(call) {
      const { operation } = call.request;
      const sequences = integersOf(operation, 'notify-sequence-numbers');
      const firsts = new Map<number, number>();
      for (const [index, id] of integersOf(operation, 'notify-subscription-ids').entries())
        if (!firsts.has(id)) firsts.set(id, sequences[index] ?? 1);
      if (firsts.size === 0) throw badRequest('notify-subscription-ids is missing');
      const asked = [...firsts].map(([id, sequence]) => ({ subscription: visible(id, call), sequence }));
      const held = () =>
        asked.flatMap(({ subscription, sequence }) =>
          notifications(subscription, { sequence, now: clock.now() }, terms)
        );
      const isOver = () => asked.every(({ subscription }) => !store.isLive(subscription));
      if (firstBoolean(operation, 'notify-wait')) await store.wait(() => isOver() || held().length > 0, longestWait);
      const groups = held().map((attributes): IppGroup => ({ tag: 'event-notification-attributes-tag', attributes }));
      const now = integer('printer-up-time', terms.upTime(clock.now()));
      if (isOver()) return { status: 'successful-ok-events-complete', operation: [now], groups };
      return { ...ok(groups), operation: [integer('notify-get-interval', eventLife), now] };
    }
  };

  function shown(subscription: Subscription, call: PrinterCall, byDefault: readonly string[]): IppGroup {
    const attributes = chooseAttributes(call.request.operation, describe(subscription, clock.now(), terms), {
      byDefault
    });
    return { tag: 'subscription-attributes-tag', attributes };
  }

  return {
    handlers,
    forJob(call) {
      const read = readGroups(call.request.message, true);
      return (job) => {
        if (!job) return createFrom(read);
        const target = { id: job, number: terms.jobNumber(job) };
        return createFrom(read, (template) => {
          const subscription = store.add({ ...subscriber(call), job: target, template });
          if (subscription) store.begin(subscription);
          return subscription;
        });
      };
    },
    close: store.close
  };
}

/** Seconds that a Get-Notifications may wait: shorter than proxies and clients take to lose patience. */
const longestWait = 30;

const mayTouch = (call: PrinterCall, owner: string): boolean => call.requester.sees === 'all' || userOf(call) === owner;
const subscriber = (call: PrinterCall) => ({
  owner: userOf(call),
  sees: call.requester.sees,
  printerUri: call.uris[0]
});
