import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { createAdvertiser } from './advertiser.ts';
import { browseWire } from './browser.ts';
import type { Link } from './links.ts';
import { typeName } from './names.ts';
import type { Discovery } from './port.ts';
import { openWire, type Wire } from './wire.ts';

export interface MulticastOptions {
  readonly links: readonly Link[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** 5353 but in tests. */
  readonly port?: number;
  readonly random?: () => number;
}

/**
 * DNS-SD over `multicast-dns`: its sockets and its packets, our records and rules. Rejects with `not-found` without any link,
 * and with `conflict` when none of them can be used.
 */
export async function openDiscovery(options: MulticastOptions): Promise<Discovery> {
  const { links, clock, logger, port = 5353, random = Math.random } = options;
  if (links.length === 0) throw new LetterlockError('not-found', 'network interface');
  const opened = await Promise.allSettled(links.map((link) => openWire({ link, port, clock, logger })));
  const wires = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const one of opened) {
    if (one.status === 'fulfilled') continue;
    if (wires.length === 0) throw one.reason;
    logger.warn({ error: one.reason }, 'not discoverable on this link');
  }
  const timing = { clock, random };
  const advertiser = createAdvertiser(wires, port, timing, logger);
  const closing = new AbortController();
  return {
    advertise: advertiser.advertise,
    browse(type, listener, signal) {
      typeName(type);
      const ended = AbortSignal.any([signal, closing.signal]);
      for (const wire of wires) browseWire(type, wire, listener, timing, ended);
    },
    async close() {
      closing.abort();
      await advertiser.close();
      await Promise.all(wires.map((wire: Wire) => wire.close()));
    }
  };
}
