import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SiteId } from '../../../../src-preload/contract/index.ts';
import { isSiteId, siteIdFor } from './site-id.ts';

describe('the id of a site', () => {
  it('is proposed from its name', () => {
    expect(siteIdFor('Zürich, Haus 2')).toBe('zurich-haus-2');
    expect(siteIdFor('  — North wing —')).toBe('north-wing');
    expect(siteIdFor('東京')).toBe('');
    expect(siteIdFor(`${'a'.repeat(47)} b`)).toBe('a'.repeat(47));
  });

  it('is one that the coordinator takes, or none, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 128 }), (name) => {
        const id = siteIdFor(name);
        expect(id === '' || SiteId.safeParse(id).success).toBe(true);
      })
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isSiteId(text)).toBe(SiteId.safeParse(text).success);
      })
    );
  });
});
