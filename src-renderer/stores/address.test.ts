import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';

it('an address is read back as it was written; what is empty is left out', () => {
  const page = fc.stringMatching(/^[a-z]{0,12}$/);
  const field = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(page, fc.dictionary(field, fc.string({ minLength: 1 })), (path, query) => {
      expect(parseAddress(formatAddress(path, { ...query, nothing: '' }))).toEqual({ page: path, query });
    })
  );
  expect(parseAddress('')).toEqual({ page: '', query: {} });
  expect(formatAddress('devices', { state: 'revoked', sort: '-name' })).toBe('#/devices?state=revoked&sort=-name');
});
