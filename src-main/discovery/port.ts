/**
 * DNS-SD (RFC 6763) as the rest of Letterlock sees it. Adapters: `multicast-discovery.ts` (both directions) and
 * `mdns-js-discovery.ts` (browsing only). What is found was said by strangers: nothing here is authenticated.
 */
export interface Discovery extends Browsing {
  /**
   * Claims the name on every link, then announces. Resolves once it was announced; rejects with the signal's reason, or
   * `input-invalid` for what DNS-SD cannot say.
   */
  advertise(offer: Offer, options?: AdvertiseOptions): Promise<Advertisement>;
  /** Says goodbye for everything that is advertised, and ends. */
  close(): Promise<void>;
}

export interface Browsing {
  /** Tells what there is of a type, `_ipp._tcp` or `_print._sub._ipp._tcp`, until the signal aborts. */
  browse(type: string, listener: BrowseListener, signal: AbortSignal): void;
}

/** One name under which a program offers one or more services: they are claimed and renamed together. */
export interface Offer {
  /** Instance name as people see it. At most 63 bytes of UTF-8 are used, and a dot becomes a hyphen. */
  readonly name: string;
  /** A host name of our own, without `.local`: the addresses of the machine's usual one belong to the system's responder. */
  readonly host: string;
  readonly services: readonly OfferedService[];
}

export interface OfferedService {
  /** `_ipp._tcp` */
  readonly type: string;
  /** `_universal`, `_print` (RFC 6763 section 7.1). */
  readonly subtypes?: readonly string[];
  /** 0 keeps the name in a type that isn't served (RFC 6763 section 8). */
  readonly port: number;
  readonly txt: TxtRecord;
}

/** RFC 6763 section 6: keys in the order in which they are sent; true is a key without a value. */
export type TxtRecord = Readonly<Record<string, string | Uint8Array | true>>;

export interface AdvertiseOptions {
  /** Somebody else had the name: from now on it is this one. */
  readonly onRename?: ((name: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Advertisement {
  /** The instance name in use, and the host name without `.local`. */
  readonly name: string;
  readonly host: string;
  /** New TXT records, by service type. Told to the network when they differ. */
  update(txt: Readonly<Record<string, TxtRecord>>): void;
  /** Resolves when goodbye was said. */
  close(): Promise<void>;
}

export interface BrowseListener {
  /** A service is known with its address, or has changed. */
  onUp(service: FoundService): void;
  onDown(service: FoundService): void;
}

export interface FoundService {
  readonly name: string;
  /** Of the instance: `_ipp._tcp`, also when a subtype was asked for. */
  readonly type: string;
  /** `printer.local` */
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
  /** Keys in lower case (they compare so, RFC 6763 section 6.4). */
  readonly txt: ReadonlyMap<string, Uint8Array | true>;
  /** The network interface on which it was found. */
  readonly link: string;
}
