import { fromBase32hex, toBase32hex } from '../../src-main/base/base32hex.ts';
import { type ReleaseTicket, writeTicket } from '../../src-main/sealing/release-ticket.ts';
import { flipped } from './mutate.ts';
import { seededDevice, seededIds, seededRandom } from './seeded.ts';

const client = seededDevice('client');
const mallory = seededDevice('mallory');
const expires = Date.parse('2026-11-24T18:00:00.000Z');

/** Release tickets, as texts. */
export async function ticketVectors(): Promise<object[]> {
  const ticket: ReleaseTicket = {
    job: seededIds.job,
    device: client.id,
    expires,
    jobPart: seededRandom('release ticket')(32)
  };
  const text = await writeTicket(ticket, client.signingKey);
  const valid = {
    name: 'in upper case',
    valid: true,
    publicKey: client.signingKey.publicKey,
    now: expires - 1,
    text,
    ...ticket
  };
  const refused = (name: string, change: object) => ({ ...valid, name, valid: false, ...change });
  const bytes = fromBase32hex(text.slice(5)) ?? new Uint8Array();
  const flippedAt = (offset: number) => ({ text: `LLT1.${toBase32hex(flipped(bytes, offset))}` });

  return [
    valid,
    { ...valid, name: 'in lower case', text: text.toLowerCase() },
    refused('over', { now: expires }),
    refused('signed by another device', { text: await writeTicket(ticket, mallory.signingKey) }),
    refused('of another device', { publicKey: mallory.signingKey.publicKey }),
    refused('another version', flippedAt(0)),
    refused('another job', flippedAt(16)),
    refused('another device in it', flippedAt(32)),
    refused('a longer life', flippedAt(33)),
    refused('another job part', flippedAt(68)),
    refused('flipped signature', flippedAt(-1)),
    refused('cut', { text: text.slice(0, -1) }),
    refused('extended', { text: `${text}0` }),
    refused('an unused bit', { text: text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)) }),
    refused('another prefix', { text: text.replace('LLT1.', 'LLT2.') }),
    refused('a character outside of the alphabet', { text: text.replace(/.$/, 'W') }),
    refused('no prefix', { text: text.slice(5) })
  ];
}
