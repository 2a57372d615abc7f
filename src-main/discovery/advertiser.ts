import type { Logger } from '../base/logger.ts';
import { type Claim, createClaim } from './claim.ts';
import { serviceTypes } from './names.ts';
import type { Advertisement, AdvertiseOptions, Offer } from './port.ts';
import { probe, type Timing } from './probe.ts';
import { type DnsRecord, recordKey } from './records.ts';
import { createResponder, type Responder } from './responder.ts';
import type { Wire } from './wire.ts';

export interface Advertiser {
  advertise(offer: Offer, options?: AdvertiseOptions): Promise<Advertisement>;
  close(): Promise<void>;
}

/** Has names, defends them and gives them back (RFC 6762 sections 8 to 10), on all wires at once. */
export function createAdvertiser(wires: readonly Wire[], port: number, timing: Timing, logger: Logger): Advertiser {
  const links = wires.map(({ link }) => link);
  const advertised = new Map<Claim, () => Promise<void>>();
  const responders = new Map<Wire, Responder>(
    wires.map((wire) => [wire, createResponder(wire, port, () => advertised.keys(), timing)])
  );

  for (const [wire, responder] of responders) {
    wire.onMessage((message, from) => {
      if (message.type === 'query') responder.onQuery(message, from);
      for (const claim of advertised.keys()) {
        if (message.type === 'query') claim.compete(message.authorities, wire.link);
        else for (const record of [...message.answers, ...message.additionals]) claim.hear(record, wire.link);
      }
    });
  }

  const tell = async (records: (wire: Wire) => readonly DnsRecord[]): Promise<void> =>
    void (await Promise.all([...responders].map(([wire, responder]) => responder.tell(records(wire)))));

  async function advertise(offer: Offer, { onRename, signal }: AdvertiseOptions = {}): Promise<Advertisement> {
    const claim = createClaim(offer, links);
    const ending = new AbortController();
    const ended = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    let again: (() => void) | null = null;
    let told = claim.offer.name;

    async function establish(): Promise<void> {
      await probe(claim, wires, timing, ended);
      claim.announced = true;
      await announce();
      if (claim.offer.name === told) return;
      told = claim.offer.name;
      onRename?.(told);
    }
    /** Twice, a second apart: datagrams get lost. */
    async function announce(): Promise<void> {
      const all = () => tell(({ link }) => [...claim.records(link).shared, ...claim.records(link).unique]);
      again?.();
      again = timing.clock.after(1000, () => void all());
      await all();
    }
    const offContest = claim.onContest(() => {
      if (!claim.announced) return; // the probe that is under way sees to it
      claim.announced = false;
      again?.();
      logger.info({ service: claim.offer.name }, 'somebody else on the network has this name');
      establish().catch((error) => logger.debug({ error }, 'no longer advertised'));
    });
    async function close(): Promise<void> {
      if (!advertised.delete(claim)) return;
      offContest();
      again?.();
      ending.abort(new DOMException('no longer advertised', 'AbortError'));
      if (claim.announced) await tell(({ link }) => goodbye(claim, link));
    }
    /** Without what others go on using: addresses of another advertisement, and that there are services of this type at all. */
    function goodbye(gone: Claim, link: Wire['link']): DnsRecord[] {
      const kept = new Set([...advertised.keys()].flatMap((one) => one.records(link).unique.map(recordKey)));
      const { shared, unique } = gone.records(link);
      return [...shared, ...unique]
        .filter((record) => record.name !== serviceTypes && !kept.has(recordKey(record)))
        .map((record) => ({ ...record, ttl: 0 }));
    }

    advertised.set(claim, close);
    try {
      await establish();
    } catch (error) {
      await close();
      throw error;
    }
    return {
      get name() {
        return claim.offer.name;
      },
      get host() {
        return claim.offer.host;
      },
      update(txt) {
        if (claim.update(txt) && claim.announced) void announce();
      },
      close
    };
  }
  return {
    advertise,
    async close() {
      await Promise.all([...advertised.values()].map((close) => close()));
      for (const responder of responders.values()) responder.close();
    }
  };
}
