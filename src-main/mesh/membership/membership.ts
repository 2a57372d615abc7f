import { z } from 'zod';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import {
  MembershipMessage,
  MembershipReply,
  membershipLimits,
  membershipVersion,
  Suspicion
} from '../../protocol/membership.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import { createHealth, suspicionTime } from './health.ts';
import type { Member, Membership } from './port.ts';
import { probe, relay } from './probe.ts';
import { createRoster, type MemberRecord } from './roster.ts';
import { createRumours } from './rumours.ts';
import { createSelf } from './self.ts';
import { swim } from './settings.ts';
import type { Statements } from './statements.ts';
import { answerPage, pageAfter } from './sync.ts';
import { createWatch } from './watch.ts';

export interface MembershipOptions {
  readonly self: DeviceId;
  readonly statements: Statements;
  /** The approved nodes without this one, as the directory has them now. */
  readonly approved: () => ReadonlySet<DeviceId>;
  readonly onApprovedChange: (listener: () => void) => () => void;
  /** One message to a node that proves who it is; its answer. May reject, may never settle. */
  readonly send: (to: DeviceId, message: MembershipMessage) => Promise<unknown>;
  readonly clock: Clock;
  /** 0 ≤ x < 1. Nonces come from it: not to be guessed, but in simulations. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** SWIM with Lifeguard, over whatever `send` is. Neither time nor chance nor network of its own. */
export async function openMembership(options: MembershipOptions): Promise<Membership> {
  const { statements, approved, send, clock, random, logger } = options;
  const health = createHealth();
  const rumours = createRumours();
  const listeners = new Set<(changed: Member) => void>();
  const self = await createSelf({
    id: options.self,
    now: clock.now(),
    statements,
    onWord: (signed) => rumours.add(`word ${options.self}`, signed)
  });
  const began = clock.now();

  const roster = createRoster({
    self: options.self,
    statements,
    clock,
    belongs: (id) => approved().has(id),
    patience: (suspicions) => suspicionTime(suspicions, watch.size(), health.factor()),
    onChange(changed) {
      watch.refresh();
      if (changed.state === 'suspect') confirm(changed.id);
      if (changed.state === 'suspect' || changed.state === 'dead') spread(changed.id);
      for (const listener of listeners) listener(changed);
    },
    onNews: rumours.add,
    onOwnWord: (incarnation) => {
      if (incarnation > self.word().incarnation) speak(self.raise(incarnation));
    },
    onSuspected: (incarnation) => {
      const own = self.word();
      if (incarnation === own.incarnation && !ended) speak(self.raise(incarnation));
      // Who still says so has not heard the objection.
      if (incarnation < own.incarnation) rumours.add(`word ${own.id}`, self.signed());
    },
    onRefuted: health.troubled
  });
  const watch = createWatch({ self: options.self, members: roster.members, random });

  /** What is being signed: an answer waits for it, so that an objection goes back with it. */
  let speaking: Promise<void> = Promise.resolve();
  const speak = (said: Promise<void>): void => {
    speaking = said.catch((error: unknown) => logger.error({ error }, 'this node cannot sign what it says of itself'));
  };

  /** What somebody is told besides: first what is said about itself, so that it can object. */
  const updatesFor = (to: DeviceId): Signed[] => {
    const suspicions = [...(roster.record(to)?.suspicions.values() ?? [])];
    const transmissions = swim.retransmissions * Math.ceil(Math.log2(watch.size() + 1));
    return [...suspicions, ...rumours.take(swim.rumours, transmissions)];
  };
  const take = (updates: readonly Signed[]): void => {
    // A kind of a later version counts for nothing, and ends nothing.
    for (const update of updates) if (update.kind === 'member' || update.kind === 'suspicion') roster.hear(update);
  };
  const ask = async (to: DeviceId, message: MembershipMessage): Promise<MembershipReply> => {
    const reply = MembershipReply.parse(await send(to, message));
    watch.heard(to);
    if (reply.type === 'sync') takePage(reply.updates);
    else if (reply.type !== 'unsupported') take(reply.updates);
    return reply;
  };
  const ping = (to: DeviceId, nonce?: string) =>
    ask(to, { v, type: 'ping', updates: updatesFor(to), ...(nonce === undefined ? {} : { nonce }) });

  /** A page may tell of many old suspicions at once. Who is thought alive here is asked itself before they count. */
  const takePage = (updates: readonly Signed[]): void => {
    for (const update of updates) if (update.kind === 'member') roster.hear(update);
    for (const update of updates) if (update.kind === 'suspicion') doubt(update);
  };
  const doubt = (signed: Signed): void => {
    const about = statements.open('suspicion', signed, Suspicion);
    const known = about && roster.member(about.about);
    if (known?.state === 'alive' && known.incarnation === about?.incarnation) watch.doubt(known.id, signed);
    else roster.hear(signed);
  };

  async function check(target: DeviceId): Promise<void> {
    const incarnation = roster.member(target)?.incarnation;
    if (incarnation === undefined) return;
    const doubts = watch.begin(target);
    const result = await probe({
      target,
      relays: watch.relays(target, swim.relays),
      nonce: nonce(),
      factor: Math.min(swim.probeFactor, health.factor()),
      clock,
      statements,
      ping: (to) =>
        ask(to, { v, type: 'ping', updates: [...doubts, ...updatesFor(to)].slice(0, membershipLimits.updates) }),
      pingRequest: (to, about, nonceOf) =>
        ask(to, { v, type: 'ping-request', target: about, nonce: nonceOf, updates: updatesFor(to) })
    });
    const wasSilent = watch.end(target, result.startsWith('silent') ? incarnation : null);
    if (ended) return;
    if (result === 'direct' && wasSilent !== incarnation) health.answered();
    else if (result !== 'silent') health.troubled();
    if (!result.startsWith('silent')) return;
    take(doubts);
    const suspicion: Suspicion = { about: target, incarnation };
    roster.hear(await statements.sign('suspicion', suspicion));
  }

  /** Who watches a member looks for itself as soon as another has suspected it: in quiet times its turn may be far. */
  const confirm = (id: DeviceId): void => {
    if (!ended && !roster.record(id)?.suspicions.has(options.self) && watch.mayProbe(id)) quietly(check(id));
  };

  /** Bad news does not wait for the next probe: a few hear it at once, with what else there is, and tell a few more. */
  let isSpreading = false;
  const spread = (about: DeviceId): void => {
    if (isSpreading) return;
    isSpreading = true;
    clock.after(swim.spreadAfter, () => {
      isSpreading = false;
      if (!ended) for (const to of watch.relays(about, swim.relays)) quietly(ping(to));
    });
  };

  let page: DeviceId | null = null;
  let joined = false;
  async function sync(): Promise<void> {
    const partner = watch.partner(approved());
    if (!partner) return;
    for (let pages = 0; pages < 64; pages += 1) {
      const asked = pageAfter(page, records());
      const reply = await ask(partner, { v, type: 'sync', ...asked, updates: [self.signed()] });
      if (reply.type !== 'sync' || ended) return;
      page = reply.next;
      const wanted = records().flatMap(({ id, signed }) => (reply.wanted.includes(id) ? [signed] : []));
      if (wanted.length > 0) await ask(partner, { v, type: 'ping', updates: wanted });
      if (page === null) joined = true;
      if (joined) return;
    }
  }
  /** This node's own is one of them. */
  const records = (): MemberRecord[] => {
    const { incarnation, condition } = self.word();
    const own: MemberRecord = {
      ...{ id: options.self, state: 'alive', incarnation, condition, since: began, signed: self.signed() },
      suspicions: new Map(),
      digest: { id: options.self, incarnation, suspicions: 0 }
    };
    const others = roster.records();
    const place = others.findIndex(({ id }) => id > options.self);
    return place < 0 ? [...others, own] : others.toSpliced(place, 0, own);
  };
  const nonce = (): string => [1, 2, 3, 4].map(() => Math.floor(random() * 2 ** 32).toString(36)).join('-');

  async function answer(from: DeviceId, message: MembershipMessage): Promise<MembershipReply> {
    if (message.type === 'sync') {
      take(message.updates);
      const { updates, wanted, next } = answerPage(message, records());
      return { v, type: 'sync', updates, wanted, next };
    }
    take(message.updates);
    await speaking;
    const { target, nonce: asked } = message.type === 'ping' ? { target: options.self, nonce: message.nonce } : message;
    if (target === options.self) {
      const proof = asked === undefined ? {} : { proof: await statements.sign('probe-answer', { nonce: asked }) };
      return { v, type: 'ack', ...proof, updates: updatesFor(from) };
    }
    if (message.type === 'ping' || !roster.member(target)) return { v, type: 'nack', updates: updatesFor(from) };
    const relayed = await relay(message, { clock, ping });
    if (!relayed?.proof) return { v, type: 'nack', updates: updatesFor(from) };
    return { v, type: 'ack', proof: relayed.proof, updates: updatesFor(from) };
  }

  let ended = false;
  const quietly = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => logger.debug({ error }, 'a message about members failed'));
  const again = (every: () => number, run: () => void): (() => void) => {
    let cancel = clock.after(every() * random(), function next() {
      cancel = clock.after(every() * (0.9 + 0.2 * random()), next);
      run();
    });
    return () => cancel();
  };
  const stops = [
    again(
      () => {
        if (watch.isTroubled() || health.factor() > 1) return swim.probeEvery;
        return Math.min(swim.probeCalm, swim.roundCalm / watch.targets().length);
      },
      () => {
        const target = watch.next(!rumours.isEmpty());
        if (target) quietly(check(target));
      }
    ),
    again(
      () => (watch.size() > 1 ? swim.syncEvery : swim.syncAlone),
      () => quietly(sync())
    ),
    options.onApprovedChange(roster.review)
  ];

  let condition: NodeCondition | null = null;
  let toldAt: number | null = null;
  let cancelTelling = (): void => {};
  const tellCondition = (): void => {
    cancelTelling();
    if (ended || JSON.stringify(condition) === JSON.stringify(self.word().condition)) return;
    const wait = toldAt === null ? 0 : toldAt + swim.conditionEvery - clock.now();
    if (wait > 0) {
      cancelTelling = clock.after(wait, tellCondition);
      return;
    }
    toldAt = clock.now();
    speak(self.raise(0, { condition }));
  };
  const stop = (): void => {
    ended = true;
    for (const each of stops.splice(0)) each();
    cancelTelling();
    roster.close();
  };

  return {
    self: () => {
      const { state, incarnation, condition } = self.word();
      return { id: options.self, state, incarnation, condition, since: began };
    },
    members: roster.members,
    member: roster.member,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setCondition(now) {
      condition = now;
      tellCondition();
    },
    async leave() {
      if (ended) return;
      stop();
      await self.raise(0, { state: 'left' });
      const told = watch.targets().map((to) => ask(to, { v, type: 'ping', updates: [self.signed()] }));
      const late = new Promise<void>((resolve) => void clock.after(swim.goodbye, resolve));
      if (told.length > 0) await Promise.race([Promise.any(told).catch(() => {}), late]);
    },
    async receive(from, message) {
      const parsed = MembershipMessage.safeParse(message);
      if (parsed.success) {
        watch.heard(from);
        return answer(from, parsed.data);
      }
      const head = Head.safeParse(message);
      if (!head.success || isKnown(head.data)) throw new LetterlockError('input-invalid', 'message about members');
      return { v, type: 'unsupported' };
    },
    close: stop
  };
}

const v = membershipVersion;
const Head = z.object({ v: z.int().min(1), type: z.string() });
const types: ReadonlySet<string> = new Set(['ping', 'ping-request', 'sync']);
const isKnown = (head: z.infer<typeof Head>): boolean => head.v === membershipVersion && types.has(head.type);
