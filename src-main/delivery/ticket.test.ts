import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobId } from '../../src-preload/contract/ids.ts';
import { toBase64url } from '../base/bytes.ts';
import { keyword } from '../ipp/attributes.ts';
import { encodeAttributes } from '../ipp/codec.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { anyAttributes } from '../ipp/testing/arbitraries.ts';
import type { Manifest } from '../sealing/manifest.ts';
import { type JobMetadata, metadataDigest, openMetadata, sealMetadata } from '../sealing/metadata.ts';
import { readTicket } from './ticket.ts';

const job = JobId.parse(randomUUID());
const group = (attributes: readonly IppAttribute[]) => toBase64url(encodeAttributes(attributes));
const metadataOf = (attributes: readonly IppAttribute[], own: readonly IppAttribute[] = []): JobMetadata => ({
  v: 2,
  title: 'Report',
  attributes: group(attributes),
  documents: [{ format: 'application/pdf', size: 5, name: 'report.pdf', attributes: group(own), facts: {} }]
});
const names = (attributes: readonly IppAttribute[] = []) => attributes.map(({ name }) => name);

describe('a delivery ticket', () => {
  it('has every attribute of the job and of its documents, byte for byte, whatever they are', () => {
    const metadataKey = randomBytes(32);
    fc.assert(
      fc.property(anyAttributes(), anyAttributes(), (attributes, own) => {
        const sealed = sealMetadata(metadataOf(attributes, own), metadataKey, job);
        const manifest = { job, size: 5, metadataSha256: metadataDigest(sealed) } as Manifest;
        const ticket = readTicket(job, openMetadata(sealed, metadataKey, manifest), 'shown');
        expect(group(ticket.job)).toBe(group(attributes));
        expect(group(ticket.documents[0]?.template ?? [])).toBe(group(own));
      })
    );
  });

  it('keeps what asks for a print, though it begins like what does not', () => {
    const kept = [
      'media',
      'media-col',
      'sides',
      'copies',
      'number-up',
      'print-color-mode',
      'print-quality',
      'finishings',
      'finishings-col',
      'output-bin',
      'page-ranges',
      'orientation-requested',
      'printer-resolution',
      'job-priority',
      'job-sheets',
      'job-sheets-col',
      'job-account-id',
      'job-accounting-user-id',
      'document-copies',
      'requesting-tray.vendor.example',
      'job-hold-until.vendor.example'
    ].map((name) => keyword(name, 'any'));
    expect(readTicket(job, metadataOf(kept, kept), 'shown')).toMatchObject({
      job: kept,
      documents: [{ template: kept }]
    });
  });

  it.each([
    [
      'the request',
      ['requesting-user-name', 'printer-uri', 'document-format', 'job-k-octets', 'compression', 'job-id']
    ],
    ['its hold', ['job-hold-until', 'job-hold-until-time', 'job-delay-output-until', 'job-password-encryption']],
    [
      'its release and storage',
      ['job-release-action', 'job-storage', 'job-retain-until', 'proof-print', 'job-password']
    ]
  ])('is silent about %s', (_what, dropped) => {
    const attributes = [keyword('media', 'iso_a4_210x297mm'), ...dropped.map((name) => keyword(name, 'any'))];
    const ticket = readTicket(job, metadataOf(attributes, attributes), 'shown');
    expect([names(ticket.job), names(ticket.documents[0]?.template)]).toEqual([['media'], ['media']]);
    expect(names(ticket.operation)).toEqual(['job-name']);
  });

  it('says how strictly to print in the operation group, where printers look for it', () => {
    const insists = [keyword('job-mandatory-attributes', 'media')];
    const ticket = readTicket(job, metadataOf(insists), 'shown');
    expect([names(ticket.operation), ticket.job]).toEqual([['job-name', 'job-mandatory-attributes'], []]);
  });

  it('tells no name by the rule of opaque names, and an opaque one where there is none', () => {
    const opaque = readTicket(job, metadataOf([]), 'opaque');
    expect(JSON.stringify(opaque)).not.toMatch(/Report|report/);
    const untitled = readTicket(job, { ...metadataOf([]), title: '' }, 'shown');
    expect(untitled.operation).toEqual(opaque.operation);
  });

  it('of attributes that are none is broken', () => {
    const metadata = { ...metadataOf([]), attributes: toBase64url(Buffer.from('not IPP')) };
    expect(() => readTicket(job, metadata, 'shown')).toThrow('seal-broken');
  });
});
