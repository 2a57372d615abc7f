import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { JobId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import {
  boolean,
  charset,
  firstInteger,
  firstString,
  integer,
  integersOf,
  keyword,
  naturalLanguage,
  octetStrings,
  stringsOf,
  uri
} from '../attributes.ts';
import type { IppAnswer } from '../call.ts';
import { encodeMessage } from '../codec.ts';
import type { IppAttribute, IppGroup } from '../message.ts';
import type { IntakeJob, PrinterState } from '../port.ts';
import { statusName } from '../registry.ts';
import { readRequest } from '../request.ts';
import { createSubscriptions, type SubscriptionOperation } from './subscriptions.ts';
import { eventLife, leaseDuration } from './supported.ts';

/** An intake of plain data. */
function world() {
  const start = Date.UTC(2026, 10, 22);
  const clock = createTestClock(start);
  const listeners = new Set<() => void>();
  const jobs: IntakeJob[] = [];
  const state = {
    printer: { state: 'idle', reasons: [] } as PrinterState,
    refusal: null as LetterlockError | null,
    printers: [] as readonly (readonly IppAttribute[])[]
  };
  const numberOf = (id: JobId) => Number.parseInt(id.slice(-6), 16);
  const subscriptions = createSubscriptions({
    intake: {
      jobs: () => jobs,
      printerState: () => state.printer,
      printers: () => state.printers,
      refusal: () => state.refusal,
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      }
    },
    clock,
    terms: { upTime: (at) => Math.floor((at - start) / 1000) + 1, jobNumber: numberOf }
  });
  const changed = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    subscriptions,
    listeners,
    numberOf,
    timers: clock.waiting,
    advance: (seconds: number) => clock.advance(seconds * 1000),
    set(change: Partial<typeof state>) {
      Object.assign(state, change);
      changed();
    },
    add(userName = 'ann', jobState: IntakeJob['state'] = 'pending'): IntakeJob {
      const id = JobId.parse(randomUUID());
      const plain = { reasons: [], cancelable: true, name: 'secret', bytes: 0, documents: 1, created: clock.now() };
      jobs.unshift({ ...plain, id, state: jobState, userName });
      changed();
      return jobs[0] as IntakeJob;
    },
    move(job: IntakeJob, jobState: IntakeJob['state'], change: Partial<IntakeJob> = {}) {
      Object.assign(job, { state: jobState, ...change });
      changed();
    },
    forget(job: IntakeJob) {
      jobs.splice(jobs.indexOf(job), 1);
      changed();
    }
  };
}

let the: ReturnType<typeof world>;
beforeEach(() => {
  the = world();
});

const callOf = (
  operation: IppAttribute[],
  groups: IppAttribute[][] = [],
  name = 'ann',
  sees: 'all' | 'own' = 'own'
) => ({
  request: readRequest(
    encodeMessage({
      version: '2.0',
      code: 0x16,
      requestId: 1,
      groups: [
        {
          tag: 'operation-attributes-tag',
          attributes: [
            charset('attributes-charset', 'utf-8'),
            naturalLanguage('attributes-natural-language', 'en'),
            uri('printer-uri', 'ipp://localhost/ipp/print'),
            ...operation
          ]
        },
        ...groups.map((attributes): IppGroup => ({ tag: 'subscription-attributes-tag', attributes }))
      ]
    })
  ),
  document: Readable.from([]),
  uris: ['ipp://localhost/ipp/print'] as const,
  requester: { name, sees }
});
type CallOptions = { operation?: IppAttribute[]; groups?: IppAttribute[][]; name?: string; sees?: 'all' | 'own' };
const call = async (what: SubscriptionOperation, { operation = [], groups = [], name, sees }: CallOptions = {}) =>
  await the.subscriptions.handlers[what](callOf(operation, groups, name, sees));

const pull = keyword('notify-pull-method', 'ippget');
const events = (...names: string[]) => [pull, keyword('notify-events', ...names)];
const idIn = ({ groups }: Pick<IppAnswer, 'groups'>, index = 0): number =>
  firstInteger(groups[index]?.attributes ?? [], 'notify-subscription-id') ?? 0;
const statusIn = ({ groups }: IppAnswer, index = 0): string =>
  statusName(firstInteger(groups[index]?.attributes ?? [], 'notify-status-code') ?? 0);
const subscribe = async (names: string[], options: CallOptions = {}) =>
  idIn(await call('Create-Printer-Subscriptions', { ...options, groups: [events(...names)] }));
const fetch = (ids: number[], more: IppAttribute[] = [], options: CallOptions = {}) =>
  call('Get-Notifications', { ...options, operation: [integer('notify-subscription-ids', ...ids), ...more] });
const heard = ({ groups }: IppAnswer) =>
  groups.map(({ attributes }) => firstString(attributes, 'notify-subscribed-event'));

describe('events', () => {
  it('tell the life of a job, each under the narrowest name that was asked for', async () => {
    const all = await subscribe(['job-created', 'job-state-changed', 'job-stopped']);
    const ends = await subscribe(['job-completed']);
    const job = the.add();
    the.move(job, 'processing');
    the.move(job, 'processing', { bytes: 5 });
    the.move(job, 'processing-stopped');
    the.move(job, 'completed', { pages: 3 });
    const told = await fetch([all]);
    expect(heard(told)).toEqual(['job-created', 'job-state-changed', 'job-stopped', 'job-state-changed']);
    expect(told.groups.map(({ attributes }) => firstInteger(attributes, 'notify-sequence-number'))).toEqual([
      1, 2, 3, 4
    ]);
    const [end] = (await fetch([ends])).groups;
    expect(firstInteger(end?.attributes ?? [], 'job-id')).toBe(the.numberOf(job.id));
    expect(firstInteger(end?.attributes ?? [], 'job-state')).toBe(9);
    expect(firstInteger(end?.attributes ?? [], 'job-impressions-completed')).toBe(3);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('tell of the printer: its state, whether it takes jobs, what it offers', async () => {
    const id = await subscribe(['printer-state-changed', 'printer-stopped', 'printer-config-changed', 'job-completed']);
    the.set({ printer: { state: 'stopped', reasons: ['paused'], message: 'The mesh cannot be reached.' } });
    the.set({ refusal: new LetterlockError('not-paired') });
    the.set({ printers: [[boolean('color-supported', true)]] });
    the.set({ printers: [[boolean('color-supported', true)]] });
    const told = await fetch([id]);
    expect(heard(told)).toEqual(['printer-stopped', 'printer-state-changed', 'printer-config-changed']);
    const [stopped, refusing] = told.groups.map(({ attributes }) => attributes);
    expect(firstString(stopped ?? [], 'notify-text')).toBe('The mesh cannot be reached.');
    expect(stringsOf(stopped ?? [], 'printer-state-reasons')).toEqual(['paused']);
    expect(refusing?.find(({ name }) => name === 'printer-is-accepting-jobs')?.values[0]?.value).toBe(false);
  });

  it('come from a number on, for each subscription, and only as long as they live', async () => {
    const [one, other] = [await subscribe(['job-created']), await subscribe(['job-created'])];
    the.add();
    the.advance(eventLife);
    the.add();
    const told = await fetch([one, other, one], [integer('notify-sequence-numbers', 2)]);
    expect(told.groups.map(({ attributes }) => firstInteger(attributes, 'notify-subscription-id'))).toEqual([
      one,
      other,
      other
    ]);
    expect(firstInteger(told.operation ?? [], 'notify-get-interval')).toBe(eventLife);
    the.advance(eventLife);
    expect((await fetch([one])).groups).toHaveLength(1);
    the.advance(eventLife);
    expect((await fetch([one])).groups).toHaveLength(0);
  });

  it('are kept up to a bound, the latest', async () => {
    const id = await subscribe(['job-created']);
    for (let count = 0; count < limits.ippEventsKept + 5; count += 1) the.add();
    const { groups } = await fetch([id]);
    expect(groups).toHaveLength(limits.ippEventsKept);
    expect(firstInteger(groups[0]?.attributes ?? [], 'notify-sequence-number')).toBe(6);
  });

  it('of other users are told to those only who see all', async () => {
    const own = await subscribe(['job-created']);
    const all = await subscribe(['job-created'], { name: 'admin', sees: 'all' });
    the.add('bob');
    expect(heard(await fetch([own]))).toEqual([]);
    expect(heard(await fetch([all], [], { name: 'admin', sees: 'all' }))).toEqual(['job-created']);
  });
});

describe('waiting', () => {
  const wait = boolean('notify-wait', true);

  it('ends with the first event', async () => {
    const id = await subscribe(['job-created']);
    const told = fetch([id], [wait]);
    the.set({ printer: { state: 'stopped', reasons: [] } });
    the.add();
    expect(heard(await told)).toEqual(['job-created']);
    expect(the.timers()).toBe(1); // the lease
  });

  it('ends when time is up', async () => {
    const id = await subscribe(['job-created']);
    const told = fetch([id], [wait]);
    the.advance(30);
    expect(await told).toMatchObject({ status: 'successful-ok', groups: [] });
  });

  it.each(['cancel', 'lease', 'close'] as const)('ends with the subscription: %s', async (how) => {
    const id = await subscribe(['job-created']);
    const told = fetch([id], [wait]);
    if (how === 'cancel') await call('Cancel-Subscription', { operation: [integer('notify-subscription-id', id)] });
    if (how === 'lease') the.advance(leaseDuration.default);
    if (how === 'close') the.subscriptions.close();
    expect(await told).toMatchObject({ status: 'successful-ok-events-complete' });
    expect(the.listeners.size).toBe(0);
    expect(the.timers()).toBe(0);
  });

  it('is not for everybody at once', async () => {
    const id = await subscribe(['job-created']);
    const waiting = Array.from({ length: limits.ippEventWaits }, () => fetch([id], [wait]));
    expect((await fetch([id], [wait])).groups).toEqual([]);
    the.add();
    for (const told of waiting) expect(heard(await told)).toEqual(['job-created']);
  });
});

describe('subscriptions to a job', () => {
  it('come with the job, from its creation to its end', async () => {
    const create = the.subscriptions.forJob(callOf([], [events('job-created', 'job-completed')]));
    const other = the.add();
    const job = the.add();
    const created = create(job.id);
    expect(created).toMatchObject({ ignored: false, count: 1 });
    the.move(other, 'completed');
    expect(heard(await fetch([idIn(created)]))).toEqual(['job-created']);
    const told = fetch([idIn(created)], [boolean('notify-wait', true), integer('notify-sequence-numbers', 2)]);
    the.move(job, 'completed');
    expect(await told).toMatchObject({ status: 'successful-ok-events-complete' });
    expect(heard(await told)).toEqual(['job-completed']);
    expect((await told).operation?.map(({ name }) => name)).toEqual(['printer-up-time']);
    the.advance(2 * eventLife);
    await expect(fetch([idIn(created)])).rejects.toMatchObject({ status: 'client-error-not-found' });
    expect(the.listeners.size).toBe(0);
  });

  it('end when their job is forgotten', async () => {
    const job = the.add();
    const created = the.subscriptions.forJob(callOf([], [events('job-completed')]))(job.id);
    const told = fetch([idIn(created)], [boolean('notify-wait', true)]);
    the.forget(job);
    expect(await told).toMatchObject({ status: 'successful-ok-events-complete', groups: [] });
    expect(the.listeners.size).toBe(0);
  });

  it('are refused before the job comes to be, or only tried', () => {
    expect(() => the.subscriptions.forJob(callOf([], [[keyword('notify-events', 'job-created')]]))).toThrow(
      'bad-request'
    );
    const tried = the.subscriptions.forJob(callOf([], [events('job-created')]))(null);
    expect(tried).toMatchObject({ ignored: false, groups: [{ attributes: [] }] });
    expect(the.listeners.size).toBe(0);
  });

  it('can be added while it lives, by its owner', async () => {
    const job = the.add();
    const named = { operation: [integer('notify-job-id', the.numberOf(job.id))], groups: [events('job-completed')] };
    const { groups } = await call('Create-Job-Subscriptions', named);
    expect(groups[0]?.attributes.map(({ name }) => name)).toEqual(['notify-subscription-id']);
    await expect(call('Create-Job-Subscriptions', { ...named, name: 'bob' })).rejects.toMatchObject({
      status: 'client-error-not-found'
    });
    const renewal = call('Renew-Subscription', { operation: [integer('notify-subscription-id', idIn({ groups }))] });
    await expect(renewal).rejects.toMatchObject({ status: 'client-error-not-possible' });
    the.move(job, 'canceled');
    await expect(call('Create-Job-Subscriptions', named)).rejects.toMatchObject({
      status: 'client-error-not-possible'
    });
    the.forget(job);
    await expect(call('Create-Job-Subscriptions', named)).rejects.toMatchObject({ status: 'client-error-not-found' });
  });
});

describe('what is asked for', () => {
  it('is taken as far as it is supported, and the rest is given back', async () => {
    const answer = await call('Create-Printer-Subscriptions', {
      groups: [
        [
          ...events('job-created', 'document-created'),
          keyword('notify-attributes', 'job-id'),
          charset('notify-charset', 'koi8-r')
        ],
        [uri('notify-recipient-uri', 'mailto:ann@example.org')],
        [keyword('notify-pull-method', 'smoke-signals')],
        events('none'),
        [
          ...events('job-created'),
          octetStrings('notify-user-data', 'x'.repeat(63)),
          integer('notify-lease-duration', 5)
        ],
        events(...Array.from({ length: 9 }, () => 'job-created'))
      ]
    });
    expect(answer.status).toBe('successful-ok-ignored-subscriptions');
    expect(answer.groups.map((_each, index) => statusIn(answer, index))).toEqual([
      'successful-ok-ignored-or-substituted-attributes',
      'client-error-uri-scheme-not-supported',
      'client-error-attributes-or-values-not-supported',
      'client-error-attributes-or-values-not-supported',
      'successful-ok',
      'successful-ok-too-many-events'
    ]);
    const [first, push, , , full] = answer.groups.map(({ attributes }) => attributes);
    expect(stringsOf(first ?? [], 'notify-events')).toEqual(['document-created']);
    expect(first?.find(({ name }) => name === 'notify-attributes')?.values).toEqual([
      { tag: 'unsupported', value: null }
    ]);
    expect(firstString(push ?? [], 'notify-recipient-uri')).toBe('mailto:ann@example.org');
    expect(firstInteger(full ?? [], 'notify-lease-duration')).toBe(leaseDuration.shortest);
  });

  it('has a bound for each user and for all', async () => {
    const many = Array.from({ length: limits.ippSubscriptionsPerUser + 1 }, () => events('job-created'));
    const answer = await call('Create-Printer-Subscriptions', { groups: many });
    expect(answer.status).toBe('successful-ok-ignored-subscriptions');
    expect(statusIn(answer, limits.ippSubscriptionsPerUser)).toBe('client-error-too-many-subscriptions');
    const none = await call('Create-Printer-Subscriptions', { groups: many.slice(0, 2) });
    expect(none.status).toBe('client-error-ignored-all-subscriptions');
    const users = Math.ceil(limits.ippSubscriptions / limits.ippSubscriptionsPerUser);
    for (let user = 0; user < users; user += 1)
      await call('Create-Printer-Subscriptions', { groups: many, name: `user ${user}` });
    const more = await call('Create-Printer-Subscriptions', { groups: many.slice(0, 1), name: 'late' });
    expect(more.status).toBe('client-error-ignored-all-subscriptions');
  });

  it('can be looked at, renewed and cancelled by its owner alone', async () => {
    const id = await subscribe(['job-created']);
    const named = [integer('notify-subscription-id', id)];
    const [shown] = (await call('Get-Subscription-Attributes', { operation: named })).groups;
    expect(firstInteger(shown?.attributes ?? [], 'notify-lease-duration')).toBe(leaseDuration.default);
    expect(firstString(shown?.attributes ?? [], 'notify-subscriber-user-name')).toBe('ann');
    const renewed = await call('Renew-Subscription', {
      operation: named,
      groups: [[integer('notify-lease-duration', 0)]]
    });
    expect(renewed.status).toBe('successful-ok-ignored-or-substituted-attributes');
    the.advance(leaseDuration.default);
    expect(integersOf((await call('Get-Subscriptions')).groups[0]?.attributes ?? [], 'notify-subscription-id')).toEqual(
      [id]
    );
    expect((await call('Get-Subscriptions', { name: 'bob' })).groups).toEqual([]);
    expect((await call('Get-Subscriptions', { name: 'bob', sees: 'all' })).groups).toHaveLength(1);
    const mine = { operation: [boolean('my-subscriptions', true)], name: 'bob', sees: 'all' as const };
    expect((await call('Get-Subscriptions', mine)).groups).toEqual([]);
    for (const what of ['Get-Subscription-Attributes', 'Renew-Subscription', 'Cancel-Subscription'] as const)
      await expect(call(what, { operation: named, name: 'bob' })).rejects.toMatchObject({
        status: 'client-error-not-authorized'
      });
    await expect(fetch([id], [], { name: 'bob' })).rejects.toMatchObject({ status: 'client-error-not-authorized' });
    await call('Cancel-Subscription', { operation: named });
    await expect(call('Renew-Subscription', { operation: named })).rejects.toMatchObject({
      status: 'client-error-not-found'
    });
  });

  it.each<[SubscriptionOperation, IppAttribute[][]]>([
    ['Create-Printer-Subscriptions', []],
    ['Create-Printer-Subscriptions', [[]]],
    ['Create-Printer-Subscriptions', [[pull, uri('notify-recipient-uri', 'mailto:ann@example.org')]]],
    ['Create-Job-Subscriptions', [[pull]]],
    ['Get-Subscription-Attributes', []],
    ['Renew-Subscription', []],
    ['Cancel-Subscription', []],
    ['Get-Notifications', []]
  ])('%s needs to be told what', async (what, groups) => {
    await expect(call(what, { groups })).rejects.toMatchObject({ status: 'client-error-bad-request' });
  });
});
