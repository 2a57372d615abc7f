import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserRules } from '../../../src-preload/contract/index.ts';
import { requireApart, weaknessOf } from './pins.ts';

const usual = UserRules.parse({});
const pin = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 12 });

describe('a PIN that is set', () => {
  test('is not one digit again and again, and no run, however it begins and wherever it turns over', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), fc.integer({ min: 4, max: 12 }), (start, step, length) => {
        const run = Array.from({ length }, (_, i) => (start + i * step) % 10).join('');
        expect(weaknessOf(run, usual), run).not.toBeNull();
      })
    );
    for (const one of ['0000', '1234', '4321', '7890', '8901', '2468']) expect(weaknessOf(one, usual)).not.toBeNull();
    for (const one of ['4711', '1235', '7304', '271828']) expect(weaknessOf(one, usual)).toBeNull();
  });

  test('is as long as the organization wants; nothing said about it gives a digit away', () => {
    fc.assert(
      fc.property(pin, fc.integer({ min: 4, max: 12 }), (digits, pinLength) => {
        const weakness = weaknessOf(digits.join(''), { ...usual, pinLength });
        if (digits.length < pinLength) expect(weakness).toBe(`at least ${pinLength} digits`);
        expect(weakness?.includes(digits.join('')) ?? false).toBe(false);
      })
    );
  });

  test('may look like a year unless that is refused', () => {
    const refused = { ...usual, yearPins: 'refused' as const };
    for (const year of ['1984', '2007']) {
      expect(weaknessOf(year, usual)).toBeNull();
      expect(weaknessOf(year, refused)).toBe('it looks like a year');
    }
    for (const other of ['1884', '2107', '19841']) expect(weaknessOf(other, refused)).toBeNull();
  });

  test('does not stand on the badge', () => {
    const refused = expect.objectContaining({ code: 'pin-weak' });
    for (const badge of ['4711', '00-47:11', 'A4711B', '04 71 12']) {
      let thrown: unknown;
      try {
        requireApart('4711', badge);
      } catch (error) {
        thrown = error;
      }
      expect(thrown, badge).toEqual(refused);
    }
    requireApart('4711', '4A7B2C1D');
  });
});
