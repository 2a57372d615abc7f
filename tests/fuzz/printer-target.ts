import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../../src-main/base/logger.ts';
import { createTestClock } from '../../src-main/base/testing/clock.ts';
import { encodeAnswer, failed } from '../../src-main/ipp/answer.ts';
import { firstInteger } from '../../src-main/ipp/attributes.ts';
import { decodeCapabilities, encodeCapabilities, pickCapabilities } from '../../src-main/ipp/capabilities.ts';
import { createFramer, decodeReply } from '../../src-main/ipp/codec.ts';
import type { IppAttribute } from '../../src-main/ipp/message.ts';
import { createOperations, type IppAnswer } from '../../src-main/ipp/operations.ts';
import { createReception } from '../../src-main/ipp/reception.ts';
import { badRequest } from '../../src-main/ipp/refusal.ts';
import { readRequest } from '../../src-main/ipp/request.ts';
import { createMemoryIntake } from '../support/memory-intake.ts';
import { answered } from './answered.ts';
import { Finding } from './finding.ts';
import { randomReply } from './grammar.ts';
import { pushInPieces } from './pieces.ts';
import type { Random } from './random.ts';

/**
 * Through the whole request path of a virtual printer in this process, whose timers run when a request waits for them. The
 * printer is a fresh one every now and then, with printers behind it that say of themselves whatever the fuzzer says.
 */
export function createPrinterTarget() {
  let printer = createPrinter(null);
  let served = 0;

  return async (input: Buffer, random: Random): Promise<string> => {
    served += 1;
    if (served % requestsPerPrinter === 0) {
      printer.close();
      printer = createPrinter(randomReply(random));
    }
    return await printer.serve(input, random);
  };
}

const requestsPerPrinter = 500;
/** Milliseconds of real time after which a request hangs. */
const patience = 10_000;

function createPrinter(saysOfItself: Buffer | null) {
  const memory = createMemoryIntake();
  const behind = saysOfItself && capabilitiesIn(saysOfItself);
  if (behind) memory.control.printers = [behind];
  const clock = createTestClock();
  const reception = createReception(memory.intake, clock);
  const access = { authentication: 'requesting-user-name' } as const;
  const operate = createOperations({
    name: 'Letterlock',
    uuid: randomUUID(),
    intake: memory.intake,
    reception,
    clock,
    access
  });
  const numbers = { job: [1], subscription: [1] };
  let mishap: unknown;
  const note = (details: unknown): void => {
    mishap ??= details;
  };
  const logger = { error: note, warn: note, info: () => undefined, debug: () => undefined } as unknown as Logger;

  async function operateSafely(input: Buffer, random: Random, framer: ReturnType<typeof createFramer>) {
    try {
      const framed = pushInPieces(framer, input, random);
      if (!framed) throw badRequest('the message is cut off');
      return await operate({
        request: readRequest(framed.header),
        document: chunks(framed.rest),
        uris: ['ipp://localhost/ipp/print', 'ipps://localhost/ipp/print'],
        requester: { name: random.chance(0.5) ? 'ann' : null, sees: random.chance(0.5) ? 'own' : 'all' }
      });
    } catch (error) {
      return failed(error, logger);
    }
  }

  /** The answer, with the clock helping on what waits. */
  async function settled(answer: Promise<IppAnswer>, input: Buffer): Promise<IppAnswer> {
    let done = false;
    const end = (): void => {
      done = true;
    };
    answer.then(end, end);
    const start = performance.now();
    for (let turn = 1; !done; turn += 1) {
      await setImmediate();
      if (turn % 50 === 0) clock.advance(31_000);
      if (performance.now() - start > patience) throw new Finding('the request hangs', input);
    }
    return await answer;
  }

  return {
    async serve(input: Buffer, random: Random): Promise<string> {
      mishap = undefined;
      aim(input, random, numbers);
      const framer = createFramer();
      const answer = await settled(operateSafely(input, random, framer), input);
      if (mishap) throw new Finding('the request met an error of ours', input, { cause: mishap });
      remember(answer, numbers);
      const bytes = encodeAnswer(framer, answer);
      return bytes ? answered(bytes, input) : 'HTTP 400';
    },
    close(): void {
      operate.close();
      reception.close();
    }
  };
}

interface Numbers {
  job: number[];
  subscription: number[];
}

/** Keeps the numbers of the jobs and subscriptions that came to be, */
function remember({ groups }: IppAnswer, numbers: Numbers): void {
  for (const { attributes } of groups) {
    const [job, subscription] = [
      firstInteger(attributes, 'job-id'),
      firstInteger(attributes, 'notify-subscription-id')
    ];
    if (job !== undefined) numbers.job.push(job);
    if (subscription !== undefined) numbers.subscription.push(subscription);
  }
}

/** and writes them where a request names some: what exists is more interesting. */
function aim(input: Buffer, random: Random, { job, subscription }: Numbers): void {
  for (const [name, known] of [
    ['job-id', job],
    ['notify-job-id', job],
    ['notify-subscription-id', subscription],
    ['notify-subscription-ids', subscription]
  ] as const) {
    const named = Buffer.from(`${name}\0\x04`, 'latin1');
    const at = input.indexOf(named);
    if (at >= 0 && at + named.length + 4 <= input.length) input.writeInt32BE(random.pick(known), at + named.length);
  }
}

/** What the directory carries of a reply, or null where it is none. */
function capabilitiesIn(reply: Buffer): IppAttribute[] | null {
  try {
    const framed = createFramer().push(reply);
    if (!framed) return null;
    const said = decodeReply(framed.header).groups.flatMap(({ attributes }) => attributes);
    return decodeCapabilities(encodeCapabilities(pickCapabilities(said)));
  } catch {
    return null;
  }
}

async function* chunks(rest: Uint8Array): AsyncGenerator<Uint8Array> {
  if (rest.length > 0) yield rest;
}
