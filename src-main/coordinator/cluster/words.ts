import { z } from 'zod';
import { DeviceId, GrantId } from '../../../src-preload/contract/index.ts';
import { limits } from '../../base/limits.ts';
import { Signed } from '../../identity/signed-statement.ts';
import { Approval, ApprovalRequest, CoordinatorEvent } from '../../protocol/device-api.ts';
import { parsedOrNothing } from '../audit/records.ts';

/** What coordinators tell each other. Names of what changed, never what it is now: whoever hears it looks in the database. */
export const Word = z.discriminatedUnion('type', [
  /** I am new here: tell me what you know. */
  z.object({ type: z.literal('hello') }),
  /** What acts have changed, as browsers are told it. */
  z.object({ type: z.literal('changed'), changes: z.array(z.object({ area: z.string(), ids: z.array(z.string()) })) }),
  /** There is a newer signed directory. */
  z.object({ type: z.literal('directory'), version: z.int() }),
  /** Devices that are connected to the speaker, or not any more. */
  z.object({ type: z.literal('here'), devices: z.array(DeviceId) }),
  z.object({ type: z.literal('away'), device: DeviceId }),
  /** For a device that is connected elsewhere. */
  z.object({ type: z.literal('event'), device: DeviceId, event: CoordinatorEvent }),
  /** Strict custody: who is asked, the answer to whoever asked, and that nobody waits any more. */
  z.object({ type: z.literal('question'), custodian: DeviceId, request: ApprovalRequest }),
  z.object({ type: z.literal('answer'), grant: GrantId, jobPart: Approval.shape.jobPart }),
  z.object({ type: z.literal('settled'), grant: GrantId, custodian: DeviceId }),
  /** The next content of a key file (key-succession.ts): who takes it, where it is sealed to, the content, that it lies on the disk. */
  z.object({ type: z.literal('key-offered'), rotation: z.uuid() }),
  z.object({ type: z.literal('key-recipient'), signed: Signed }),
  z.object({ type: z.literal('key-piece'), signed: Signed }),
  z.object({ type: z.literal('key-kept'), rotation: z.uuid(), url: z.string() }),
  /** It counts now; it never will. */
  z.object({ type: z.literal('key-replaced') }),
  z.object({ type: z.literal('key-withdrawn'), name: z.string(), fingerprint: z.string() })
]);
export type Word = z.infer<typeof Word>;

/** A coordinator's connection to the database; 0: one that has none just now. */
export type Peer = number;

export const encodeNotice = (from: Peer, word: Word): string => `${from} ${JSON.stringify(word)}`;

/** Undefined for what is not understood: a coordinator of another version may say more. */
export function decodeNotice(text: string): { from: Peer; word: Word } | undefined {
  const [, from, json] = /^(\d{1,10}) (.*)$/s.exec(text) ?? [];
  const word = json === undefined ? undefined : Word.safeParse(parsedOrNothing(json));
  return word?.success ? { from: Number(from), word: word.data } : undefined;
}

/** Of a long list as much as goes into one notice. */
export function* inPieces<T>(values: readonly T[], length: (value: T) => number): Generator<T[]> {
  let piece: T[] = [];
  let used = 0;
  for (const value of values) {
    const more = length(value) + 8;
    if (used + more > limits.notice - 200 && piece.length > 0) {
      yield piece;
      piece = [];
      used = 0;
    }
    piece.push(value);
    used += more;
  }
  if (piece.length > 0) yield piece;
}
