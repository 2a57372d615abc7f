import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { Watermark } from '../../src-preload/contract/index.ts';
import { PrintTerms } from './print-terms.ts';
import { watermarkTerm } from './watermark.ts';

const reason = { rule: 'mark', words: 'Everything is marked', version: 3 };
const facts = {
  ...{ user: 'Ada', printer: 'Hall', job: '0a1b2c3d-0000-4000-8000-000000000000' as JobId },
  now: Date.UTC(2026, 10, 22, 18, 3, 59)
};
const textOf = (text: string, change: Partial<typeof facts> = {}) =>
  watermarkTerm({ watermark: { ...reason, value: { text, place: 'footer' } } }, { ...facts, ...change }).watermark
    ?.text;

it('says who, when, where and what', () => {
  expect(textOf('{user} – {printer} – {time} – {job} – {user}')).toBe(
    'Ada – Hall – 2026-11-22 18:03 UTC – 0a1b2c3d – Ada'
  );
  expect(watermarkTerm({ watermark: { ...reason, value: null } }, facts)).toEqual({});
});

it('takes names as names, whatever is in them', () => {
  expect(textOf('{user} {job}', { user: '{printer}\n$&' })).toBe('{printer} $& 0a1b2c3d');
});

it('fits into a grant whatever people and printers are called', () => {
  const any = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(any, any, (user, printer) => {
      const term = watermarkTerm(
        { watermark: { ...reason, value: { text: `${'{job}{user}'.repeat(9)}{printer}`, place: 'diagonal' } } },
        { ...facts, user, printer }
      );
      expect(PrintTerms.parse(term)).toEqual(term);
      expect(term.watermark?.text).not.toMatch(/\p{Cc}/u);
      expect(Buffer.byteLength(JSON.stringify(term))).toBeLessThan(1500);
    })
  );
});

it('refuses words that nobody could put in', () => {
  const of = (text: string) => Watermark.safeParse({ text, place: 'footer' }).success;
  expect([
    of('{user}, {time}'),
    of('plain'),
    of('{name}'),
    of('{User}'),
    of('{}'),
    of(' '),
    of('x'.repeat(121))
  ]).toEqual([true, true, false, false, false, false, false]);
});
