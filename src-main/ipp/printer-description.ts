import { firstString, stringsOf } from './attributes.ts';
import { type Handlers, ok, type Printer } from './call.ts';
import { encodeCapabilities } from './capabilities.ts';
import { encodeAttributes } from './codec.ts';
import type { Formats } from './document-formats.ts';
import { checkFormat } from './document-ticket.ts';
import { isFinal } from './job-state.ts';
import type { IppAttribute } from './message.ts';
import { createOffer } from './offer.ts';
import { fixedAttributes, liveAttributes, type PrinterNow } from './printer-attributes.ts';
import { chooseAttributes } from './requested-attributes.ts';
import type { Supported } from './ticket.ts';
import type { Printers } from './union.ts';

/** What is offered now. */
export interface PrinterDescription {
  current(): { formats: Formats; supported: Supported };
}

type Name = 'Get-Printer-Attributes' | 'Identify-Printer';

/**
 * The printer as clients see it. What follows from the printers behind is worked out once when they change, and kept as
 * bytes for each way in which clients ask: print systems ask often and always alike.
 */
export function createPrinterDescription({ name, uuid, intake, clock, access }: Printer, started: number) {
  let described = describe(intake.printers());
  let configChanged = started;
  let state = { key: '', changed: started };

  /** Now, in whole seconds since the start: clients are told no more, and so the answer stays the same for that long. */
  const second = (): number => started + Math.floor((clock.now() - started) / 1000) * 1000;

  function current() {
    const printers = intake.printers();
    if (!isSame(printers, described.printers)) {
      const next = describe(printers);
      if (next.fingerprint === described.fingerprint) described.printers = printers;
      else [described, configChanged] = [next, second()];
    }
    return described;
  }

  const handlers: Handlers<Name> = {
    'Get-Printer-Attributes'({ request: { operation }, uris }) {
      const { formats, encoded } = current();
      checkFormat(operation, formats);
      const printerState = intake.printerState();
      const now = second();
      const key = JSON.stringify([printerState.state, printerState.reasons]);
      if (key !== state.key) state = { key, changed: state.key === '' ? started : now };
      const encodedAttributes = encoded(operation, {
        name,
        uuid,
        uris,
        authentication: access.authentication,
        state: printerState,
        accepting: intake.refusal() === null,
        queued: intake.jobs().filter((job) => !isFinal(job)).length,
        now,
        started,
        stateChanged: state.changed,
        configChanged
      });
      return { ...ok([{ tag: 'printer-attributes-tag', attributes: [] }]), encodedAttributes };
    },

    'Identify-Printer'({ request }) {
      intake.identify(firstString(request.operation, 'message'));
      return ok(); // 'display' is the only action there is, and what is done whatever was asked for
    }
  };
  return { current, handlers };
}

/** How many ways of asking are remembered, and how long they may be: anybody may ask. */
const mostAnswers = 32;
const longestKey = 4096;

function describe(printers: Printers) {
  const offer = createOffer(printers);
  const groups = fixedAttributes(offer);
  const supported: Supported = new Map(
    Object.values(groups).flatMap((attributes) => attributes.map((each) => [each.name, each] as const))
  );
  const answers = new Map<string, { fixed: Uint8Array; live: string; bytes: Uint8Array }>();

  /** The attributes that are asked for, as they stand in a message. */
  function encoded(operation: readonly IppAttribute[], printer: PrinterNow): Uint8Array {
    const key = JSON.stringify(stringsOf(operation, 'requested-attributes'));
    const live = JSON.stringify(printer);
    const known = answers.get(key);
    if (known?.live === live) return known.bytes;
    const fixed = known?.fixed ?? encodedChoice(operation, groups);
    const changing = encodedChoice(operation, { 'printer-description': liveAttributes(printer) });
    const bytes = Buffer.concat([fixed, changing]);
    if (!known && answers.size >= mostAnswers) answers.clear();
    if (key.length <= longestKey) answers.set(key, { fixed, live, bytes });
    return bytes;
  }
  return { printers, fingerprint: printers.map(encodeCapabilities).join(), formats: offer.formats, supported, encoded };
}

/** What is asked for of these groups, as the bytes of its attributes. */
function encodedChoice(
  operation: readonly IppAttribute[],
  groups: Record<string, readonly IppAttribute[]>
): Uint8Array {
  const chosen = chooseAttributes(operation, groups, { byDefault: ['all'], onDemand: ['media-col-database'] });
  return encodeAttributes(chosen).subarray(headerLength, -1);
}

/** Version, code, request-id and the tag of the group, before the attributes that encodeAttributes writes. */
const headerLength = 9;

const isSame = (one: Printers, other: Printers): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index]);
