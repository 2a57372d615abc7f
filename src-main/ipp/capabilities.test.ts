import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { keyword } from './attributes.ts';
import { capabilityNames, decodeCapabilities, encodeCapabilities, pickCapabilities } from './capabilities.ts';
import { encodeAttributes } from './codec.ts';
import type { IppAttribute } from './message.ts';
import { anyAttributes } from './testing/arbitraries.ts';

describe('capabilities', () => {
  it('come back as they went, in the same bytes whatever the order', () => {
    const said = [
      keyword('sides-supported', 'one-sided'),
      keyword('printer-name', 'x'),
      keyword('urf-supported', 'W8')
    ];
    const picked = pickCapabilities(said);
    expect(picked.map(({ name }) => name)).toEqual(['urf-supported', 'sides-supported']);
    expect(decodeCapabilities(encodeCapabilities(picked))).toEqual(picked);
    expect(encodeCapabilities(pickCapabilities(said.toReversed()))).toBe(encodeCapabilities(picked));
  });

  it('always fit into the directory', () => {
    const name = fc.constantFrom(...capabilityNames);
    const values = fc.array(fc.string({ maxLength: 255 }), { minLength: 1, maxLength: 200 });
    const attributes = fc.array(
      fc.tuple(name, values).map(([each, texts]) => keyword(each, ...texts)),
      { maxLength: 60 }
    );
    fc.assert(
      fc.property(attributes, (said) => {
        const text = encodeCapabilities(pickCapabilities(said));
        expect(text.length).toBeLessThanOrEqual(limits.capabilities);
        expect(encodeCapabilities(decodeCapabilities(text))).toBe(text);
      }),
      { numRuns: 50 }
    );
  });

  it('that are none are refused, and what is no capability is left out', () => {
    for (const text of ['', 'AAAA', 'x'.repeat(limits.capabilities + 1)]) {
      expect(() => decodeCapabilities(text)).toThrow('input-invalid');
    }
    const foreign = (attributes: IppAttribute[]) => Buffer.from(encodeAttributes(attributes)).toString('base64url');
    fc.assert(
      fc.property(anyAttributes(), (attributes) => {
        const names = decodeCapabilities(foreign(attributes)).map(({ name }) => name);
        expect(names.every((name) => capabilityNames.includes(name))).toBe(true);
      })
    );
  });
});
