import Browser from 'mdns-js/lib/browser.js';
import Networking from 'mdns-js/lib/networking.js';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { guardSocket } from './guard.ts';
import { type Link, onLink } from './links.ts';
import { sameName, typeName } from './names.ts';
import type { BrowseListener, Browsing } from './port.ts';
import { decodeTxt } from './txt.ts';

/**
 * Browsing over `mdns-js`: IPv4 on real interfaces, and only upwards: it never learns that a service is gone or has changed.
 * What it can't is named in the compliance suite. Its parser sees nothing that it could hang on. Throws `input-invalid` for loopback.
 */
export function openMdnsJs({ link, clock, logger }: { link: Link; clock: Clock; logger: Logger }): Browsing {
  if (link.addresses.some(({ address }) => address.startsWith('127.')))
    throw new LetterlockError('input-invalid', 'mdns-js knows no loopback');
  return {
    browse(type, listener, signal) {
      if (typeName(type).includes('._sub.')) throw new LetterlockError('input-invalid', 'mdns-js knows no subtypes');
      if (signal.aborted) return;
      const networking = new Networking({ networkInterface: link.name });
      const bind = networking.bindToAddress;
      networking.bindToAddress = (error, index, networkInterface, socket) => {
        bind.call(networking, error, index, networkInterface, socket);
        guardSocket(socket, link, clock, isReadable);
      };
      networking.on('error', (error) => logger.debug({ error }, 'mdns-js'));
      const browser = new Browser(networking, type);
      browser.on('update', (update: Update) => tell(update, type, link, listener));
      let cancel = (): void => undefined;
      const ask = (interval: number): void => {
        browser.discover();
        cancel = clock.after(interval, () => ask(Math.min(interval * 2, 3_600_000)));
      };
      browser.once('ready', () => {
        if (!signal.aborted) ask(1000);
      });
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          browser.stop();
        },
        { once: true }
      );
    }
  };
}

/** What an update has of a service: several services of one datagram run into each other. */
interface Update {
  readonly fullname?: string;
  readonly host?: string;
  readonly port?: number;
  readonly txt?: readonly string[];
  readonly addresses: readonly string[];
  readonly type?: readonly { toString(): string }[];
}

/** Only what was asked for: every browser is told of every type. */
function tell(update: Update, type: string, link: Link, listener: BrowseListener): void {
  const { fullname, host, port, txt = [], addresses } = update;
  const suffix = `.${type}.local`;
  if (!fullname?.toLowerCase().endsWith(suffix.toLowerCase()) || host === undefined || port === undefined) return;
  if (!update.type?.some((one) => sameName(one.toString(), type))) return;
  listener.onUp({
    name: fullname.slice(0, -suffix.length),
    type,
    host,
    port,
    addresses: [...new Set(addresses)].filter(onLink(link)),
    txt: decodeTxt(txt.map((string) => Buffer.from(string))),
    link: link.name
  });
}

/** What `dns-js` reads as far as a record goes, and no further. It takes TXT strings for a name: an empty one ends it, one of 192 bytes points. */
export const isReadable = (type: number, data: Buffer): boolean =>
  type === txtType ? isReadableTxt(data) : readableTypes.has(type);

/** A, NS, CNAME, PTR, HINFO, AAAA, SRV, NSEC. */
const readableTypes: ReadonlySet<number> = new Set([1, 2, 5, 12, 13, 28, 33, 47]);
const txtType = 16;

function isReadableTxt(data: Buffer): boolean {
  if (data.length === 1) return data[0] === 0;
  let at = 0;
  for (let length = data[at]; length !== undefined; length = data[at]) {
    if (length === 0 || length >= 192) return false;
    at += length + 1;
  }
  return data.length > 0 && at === data.length;
}
