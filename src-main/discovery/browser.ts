import { createFoundServices } from './found-services.ts';
import { nameKey, typeName } from './names.ts';
import type { BrowseListener, FoundService } from './port.ts';
import type { Timing } from './probe.ts';
import type { CachedRecord } from './record-cache.ts';
import type { DnsRecord } from './records.ts';
import type { Question, Wire } from './wire.ts';

/**
 * Looks for services of a type on one link: asks with growing pauses (RFC 6762 section 5.2), asks for what is missing of a
 * service, asks again before a record's life ends, and tells what has come and gone.
 */
export function browseWire(
  type: string,
  wire: Wire,
  listener: BrowseListener,
  timing: Timing,
  signal: AbortSignal
): void {
  if (signal.aborted) return;
  const { clock, random } = timing;
  const found = createFoundServices(type, wire.link.name, clock);
  /** What the listener was told, by instance. */
  const told = new Map<string, { service: FoundService; text: string }>();
  /** How often the rest of an instance was asked for: three times, then whenever the type is. */
  const asked = new Map<string, number>();
  let cancel = (): void => undefined;
  let due = Number.POSITIVE_INFINITY;
  let interval = 1000;
  let nextQuery = clock.now() + 20 + random() * 100;
  let nextMissing = Number.POSITIVE_INFINITY;

  const off = wire.onMessage((message) => {
    if (message.type !== 'response') return;
    found.take([...message.answers, ...message.additionals]);
    wakeAt(clock.now() + 10); // datagrams come in bursts
  });
  signal.addEventListener(
    'abort',
    () => {
      off();
      cancel();
    },
    { once: true }
  );
  wakeAt(nextQuery);

  function wakeAt(time: number): void {
    if (time >= due || signal.aborted) return; // a listener may have ended it
    cancel();
    due = time;
    cancel = clock.after(Math.min(Math.max(0, time - clock.now()), longestTimer), wake);
  }

  function wake(): void {
    due = Number.POSITIVE_INFINITY;
    found.sweep();
    tell();
    ask(clock.now());
    wakeAt(Math.min(nextQuery, nextMissing, ...[...found.records()].map(endOrRenewal)));
  }

  function tell(): void {
    const now = new Map<string, FoundService>();
    for (const instance of found.instances()) {
      const service = found.resolve(instance);
      if (service) now.set(nameKey(instance), service);
    }
    for (const [key, { service }] of told) {
      if (now.has(key)) continue;
      told.delete(key);
      listener.onDown(service);
    }
    for (const [key, service] of now) {
      const text = JSON.stringify({ ...service, txt: [...service.txt] });
      if (told.get(key)?.text === text) continue;
      told.set(key, { service, text });
      listener.onUp(service);
    }
  }

  function ask(now: number): void {
    const questions: Question[] = [];
    if (now >= nextQuery) {
      questions.push({ name: typeName(type), type: 'PTR' }, ...found.instances().flatMap(found.missing));
      nextQuery = now + interval * (1 + random() / 10);
      interval = Math.min(interval * 2, longestPause);
    }
    questions.push(...missing(now), ...renewals(now));
    const once = [...new Map(questions.map((one) => [`${one.type} ${nameKey(one.name)}`, one])).values()];
    for (let at = 0; at < once.length; at += perDatagram) {
      wire.query(once.slice(at, at + perDatagram), at === 0 ? knownAnswers(now) : []);
    }
  }

  function missing(now: number): Question[] {
    const incomplete = found.instances().filter((instance) => found.missing(instance).length > 0);
    const keys = new Set(incomplete.map(nameKey));
    for (const key of asked.keys()) if (!keys.has(key)) asked.delete(key);
    const open = incomplete.filter((instance) => (asked.get(nameKey(instance)) ?? 0) < 3);
    if (open.length === 0) nextMissing = Number.POSITIVE_INFINITY;
    if (open.length === 0 || now < nextMissing) {
      if (open.length > 0) nextMissing = Math.min(nextMissing, now + 50); // the rest may be on its way
      return [];
    }
    for (const instance of open) asked.set(nameKey(instance), (asked.get(nameKey(instance)) ?? 0) + 1);
    nextMissing = now + 1000;
    return open.flatMap(found.missing);
  }

  function renewals(now: number): Question[] {
    return [...found.records()].flatMap((one) => {
      if (one.renewals >= renewalTimes || now < renewalAt(one)) return [];
      one.renewals += 1;
      return [{ name: one.record.name, type: one.record.type }];
    });
  }

  const knownAnswers = (now: number): DnsRecord[] =>
    found
      .pointers()
      .filter(({ received, expires }) => expires - now > (expires - received) / 2)
      .slice(0, perDatagram)
      .map(({ record, expires }) => ({ ...record, flush: false, ttl: Math.floor((expires - now) / 1000) }));
}

/** Milliseconds. */
const longestPause = 3_600_000;
const longestTimer = 86_400_000;
/** Questions, and answers that are known already. */
const perDatagram = 10;

/** A record is asked for again at 80, 85, 90 and 95 % of its life. */
const renewalTimes = 4;
const renewalAt = ({ received, expires, renewals }: CachedRecord): number =>
  received + (expires - received) * (0.8 + renewals * 0.05);
const endOrRenewal = (one: CachedRecord): number =>
  one.renewals < renewalTimes ? Math.min(one.expires, renewalAt(one)) : one.expires;
