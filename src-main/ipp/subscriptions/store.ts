import { randomInt } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { isFinal } from '../job-state.ts';
import { createChanges, type PrinterEvent, type WatchedIntake } from './changes.ts';
import { record, type Subscription } from './subscription.ts';
import { eventLife } from './supported.ts';

type NewSubscription = Pick<Subscription, 'job' | 'owner' | 'sees' | 'printerUri' | 'template'>;

/**
 * The subscriptions that there are, in memory: they live as long as the printer server. It watches the intake only while there
 * is somebody to tell, gives each event to those whom it concerns, and ends what has run out.
 */
export function createSubscriptionStore(intake: WatchedIntake, clock: Clock) {
  const subscriptions = new Map<number, Subscription>();
  const timers = new Map<number, () => void>();
  const waiting = new Set<() => void>();
  let nextId = randomInt(1, 2 ** 30); // an id from before a restart is nobody's
  let watched: { look(): void; end(): void } | null = null;
  let closed = false;

  function watch(): { look(): void; end(): void } {
    const changes = createChanges(intake);
    const look = (): void => {
      publish(changes());
      endForgotten();
    };
    return { look, end: intake.onChange(look) };
  }

  /** A subscription ends with its job, also with one that the intake no longer knows. */
  function endForgotten(): void {
    const ofJobs = [...subscriptions.values()].filter(({ job, complete }) => job && !complete);
    if (ofJobs.length === 0) return;
    const known = new Set(intake.jobs().map(({ id }) => id));
    for (const { id, job } of ofJobs) if (job && !known.has(job.id)) end(id);
  }

  function publish(events: readonly PrinterEvent[]): void {
    for (const event of events) for (const subscription of subscriptions.values()) give(subscription, event);
    if (events.length > 0) wakeAll();
  }

  function give(subscription: Subscription, event: PrinterEvent): void {
    if (subscription.complete) return;
    record(subscription, event, clock.now());
    if (subscription.complete) endAfter(subscription.id, 2 * eventLife);
  }

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }

  function endAfter(id: number, seconds: number): void {
    timers.get(id)?.();
    timers.set(
      id,
      clock.after(seconds * 1000, () => end(id))
    );
  }

  /** From now on for so many seconds. */
  function lease(subscription: Subscription, seconds: number): void {
    subscription.template = { ...subscription.template, lease: seconds };
    subscription.expires = clock.now() + seconds * 1000;
    endAfter(subscription.id, seconds);
  }

  function end(id: number): void {
    timers.get(id)?.();
    timers.delete(id);
    subscriptions.delete(id);
    if (subscriptions.size === 0) {
      watched?.end();
      watched = null;
    }
    wakeAll();
  }

  return {
    get: (id: number): Subscription | undefined => subscriptions.get(id),
    all: (): Subscription[] => [...subscriptions.values()],

    /** Null: there are too many already. */
    add(wanted: NewSubscription): Subscription | null {
      const ofOwner = [...subscriptions.values()].filter(({ owner }) => owner === wanted.owner).length;
      if (ofOwner >= limits.ippSubscriptionsPerUser || subscriptions.size >= limits.ippSubscriptions) return null;
      watched ??= watch();
      watched.look(); // what has happened up to here is not for the new one
      const subscription: Subscription = {
        ...wanted,
        id: nextId,
        expires: null,
        sequence: 0,
        events: [],
        complete: false
      };
      nextId += 1;
      subscriptions.set(subscription.id, subscription);
      if (!wanted.job) lease(subscription, wanted.template.lease);
      return subscription;
    },

    /** Tells a subscription that comes with its job what has already become of it. */
    begin(subscription: Subscription): void {
      const job = intake.jobs().find(({ id }) => id === subscription.job?.id);
      if (!job) return;
      give(subscription, { name: 'job-created', job: { ...job } });
      if (isFinal(job)) give(subscription, { name: 'job-completed', job: { ...job } });
    },

    lease,
    end,

    /** Whether anything can still happen to it. */
    isLive: (subscription: Subscription): boolean => subscriptions.has(subscription.id) && !subscription.complete,

    /** Resolves when `ready` says so after something has changed, when time is up, or at once if too many wait already. */
    async wait(ready: () => boolean, seconds: number): Promise<void> {
      if (closed || ready() || waiting.size >= limits.ippEventWaits) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          off();
          waiting.delete(check);
          resolve();
        };
        const check = (): void => {
          if (closed || ready()) done();
        };
        const off = clock.after(seconds * 1000, done);
        waiting.add(check);
      });
    },

    close(): void {
      closed = true;
      for (const id of [...subscriptions.keys()]) end(id);
      wakeAll();
    }
  };
}
