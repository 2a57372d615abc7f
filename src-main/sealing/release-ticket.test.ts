import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededDevice, seededIds, seededRandom } from '../../tests/vectors/seeded.ts';
import { fromBase32hex, toBase32hex } from '../base/base32hex.ts';
import { openTicket, type ReleaseTicket, writeTicket } from './release-ticket.ts';

const prefix = 'LLT1.';
const laptop = seededDevice('client');
const other = seededDevice('mallory');
const expires = Date.parse('2026-11-24T18:00:00.000Z');
const jobPart = seededRandom('ticket')(32);
const ticket: ReleaseTicket = { job: seededIds.job, device: laptop.id, expires, jobPart };
const text = await writeTicket(ticket, laptop.signingKey);

const open = (said: string, { now = expires - 1, known = laptop } = {}) =>
  openTicket(said, {
    publicKeyOf: (id) => (id === known.id ? known.signingKey.publicKey : undefined),
    now
  });
const refusal = (code: string) => expect.objectContaining({ code });
const bytes = () => Buffer.from(fromBase32hex(text.slice(prefix.length)) ?? []);

describe('a release ticket', () => {
  it('says what it was made of, in either case', () => {
    expect(text).toMatch(/^LLT1\.[0-9A-V]{213}$/);
    for (const typed of [text, text.toLowerCase()]) expect(open(typed)).toEqual(ticket);
  });

  it('is refused with any bit changed, of whatever it says', () => {
    fc.assert(
      fc.property(fc.nat(bytes().length - 1), fc.integer({ min: 1, max: 255 }), (offset, mask) => {
        const changed = bytes();
        changed.writeUInt8(changed.readUInt8(offset) ^ mask, offset);
        expect(() => open(prefix + toBase32hex(changed))).toThrow(refusal('ticket-invalid'));
      }),
      { numRuns: 300 }
    );
    for (let offset = 0; offset < bytes().length; offset++) {
      const changed = bytes();
      changed.writeUInt8(changed.readUInt8(offset) ^ 1, offset);
      expect(() => open(prefix + toBase32hex(changed)), `byte ${offset}`).toThrow(refusal('ticket-invalid'));
    }
  });

  it('is refused with anything missing, more, or of another shape', () => {
    const shapes = [
      '',
      prefix,
      text.slice(0, -1),
      `${text}0`,
      `${text.slice(0, -1)}${text.endsWith('1') ? '3' : '1'}`,
      text.replace('LLT1.', 'LLT2.'),
      text.replace('LLT1.', 'LLT10'),
      text.replace(/.$/, '='),
      text.replace(/.$/, 'ſ'),
      ` ${text.slice(1)}`,
      'x'.repeat(text.length)
    ];
    for (const shape of shapes) expect(() => open(shape), shape).toThrow(refusal('ticket-invalid'));
  });

  it('is refused when it is over, or its maker is not one who may make it', async () => {
    expect(() => open(text, { now: expires })).toThrow(refusal('ticket-expired'));
    expect(() => open(text, { known: other })).toThrow(refusal('ticket-invalid'));
    const forged = await writeTicket(ticket, other.signingKey);
    expect(() => open(forged)).toThrow(refusal('ticket-invalid'));
  });
});
