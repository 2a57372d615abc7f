import fc from 'fast-check';
import type { DocumentFacts } from '../../../src-preload/contract/views.ts';
import { lehmer } from './lehmer.ts';
import { createPdfWriter, withPages } from './pdf-writer.ts';
import { pwgHeader, pwgRaster, rasterBody, urf, urfHeader } from './raster-writer.ts';

interface Sample {
  readonly name: string;
  readonly format: string;
  readonly bytes: Buffer;
  readonly facts: DocumentFacts;
}

const letter = { x: 21590, y: 27940 };
const sheet = { width: 30, rows: 70, pixelBytes: 3, random: lehmer(), colored: true };

/** One small document of each kind, with what is true of it. */
export const samples: readonly Sample[] = [
  {
    name: 'PDF with a table, strings, comments and streams',
    format: 'application/pdf',
    bytes: withPages(createPdfWriter(), 2, '/Note (a\\) (b) %)/H <</K <20>>> % comment\n')
      .flate(9, '', 'BT 0 0 0 rg (text) Tj ET 0.5 0.2 0 sc')
      .stream(10, '', 'endstrea 0 g', '11 0 R')
      .object(11, '12')
      .table()
      .bytes(),
    facts: { pages: 2, color: true, media: [letter] }
  },
  {
    name: 'PDF with object streams, saved again',
    format: 'application/pdf',
    bytes: createPdfWriter()
      .objectStream(9, {
        1: '<</Type/Catalog/Pages 2 0 R>>',
        2: '<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 612 792]>>'
      })
      .object(3, '<</Type/Page/Rotate 90>>')
      .crossReferenceStream(10, '/Root 1 0 R', { predictor: true })
      .object(3, '<</Type/Page/Rotate 0>>')
      .table()
      .bytes(),
    facts: { pages: 1, media: [letter] }
  },
  {
    name: 'PWG Raster',
    format: 'image/pwg-raster',
    bytes: pwgRaster([1, 2].map(() => ({ header: pwgHeader(sheet, { space: 19 }), body: rasterBody(sheet) }))),
    facts: { pages: 2, color: true, media: [{ x: 20990, y: 29704 }] }
  },
  {
    name: 'Apple Raster',
    format: 'image/urf',
    bytes: urf([1, 2, 3].map(() => ({ header: urfHeader(sheet, 1), body: rasterBody(sheet) }))),
    facts: { pages: 3, color: true, media: [{ x: 254, y: 593 }] }
  },
  {
    name: 'PNG',
    format: 'image/png',
    bytes: Buffer.from(
      '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x03\0\0\0crc0\0\0\0\x06PLTE\x01\x01\x01\x02\x02\x02crc1\0\0\0\x01IDAT0',
      'latin1'
    ),
    facts: { pages: 1, color: false }
  },
  {
    name: 'JPEG',
    format: 'image/jpeg',
    bytes: Buffer.from('\xff\xd8\xff\xe0\0\x07JFIF\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda', 'latin1'),
    facts: { pages: 1, color: false }
  },
  {
    name: 'PostScript',
    format: 'application/postscript',
    bytes: Buffer.from(
      [
        '%!PS-Adobe-3.0',
        '%%Pages: (atend)',
        '%%Page: one 1',
        '%%PageBoundingBox: 0 0 612 792',
        '%%BeginData: 12 Hex Bytes',
        '%%Page: 2 2',
        '%%EndData',
        'showpage 100%%',
        '%%Trailer',
        '%%Pages: 1',
        '%%EOF'
      ].join('\n')
    ),
    facts: { pages: 1, media: [letter] }
  }
];

/** Rubbish, and samples with some bytes changed, removed, doubled or cut off. */
export const anyDocument: fc.Arbitrary<{ format: string; bytes: Uint8Array }> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      format: fc.constantFrom(...samples.map(({ format }) => format)),
      bytes: fc.uint8Array({ maxLength: 3000 })
    })
  },
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...samples),
        fc.array(
          fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), edit: fc.nat(5), value: fc.nat(0xffff) }),
          { minLength: 1, maxLength: 6 }
        )
      )
      .map(([{ format, bytes }, edits]) => ({ format, bytes: edits.reduce(mutated, bytes) }))
  }
);

interface Edit {
  /** From 0, the beginning, to 1, the end. */
  readonly place: number;
  readonly edit: number;
  readonly value: number;
}

function mutated(bytes: Buffer, { place, edit, value }: Edit): Buffer {
  const at = Math.floor(place * bytes.length);
  const [before, length] = [bytes.subarray(0, at), value % 64];
  if (edit === 0) return Buffer.concat([before, Buffer.of(value & 255), bytes.subarray(at + 1)]);
  if (edit === 1) return Buffer.concat([before, bytes.subarray(at + length)]);
  if (edit === 2) return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
  if (edit === 3) return value % 4 === 0 ? before : Buffer.concat([before, Buffer.of(value >> 8), bytes.subarray(at)]);
  if (edit === 4)
    return Buffer.concat([before, Buffer.from(words[value % words.length] ?? '', 'latin1'), bytes.subarray(at)]);
  const other = value % Math.max(1, bytes.length);
  return Buffer.concat([before, bytes.subarray(other, other + length), bytes.subarray(at + length)]);
}

const words = [
  '<<',
  '>>',
  '[',
  ']',
  '(',
  ')',
  '<',
  '>',
  '%',
  '/',
  '\n',
  ' 0 R ',
  ' obj ',
  '\nendobj\n',
  '\nstream\n',
  '\nendstream\n',
  '/Length ',
  '/Kids[',
  '/Count -1',
  '/Type/Page',
  '/Prev 0',
  '99999999999',
  '-1',
  '1e5',
  '\nxref\n0 1\n',
  '\ntrailer\n',
  '\nstartxref\n0\n',
  '\n%%Page: 1 1\n',
  '\n%%Pages: 1\n',
  '\n%%BeginData: 9\n',
  '\xff\xff\xff\xff',
  '\0\0\0\0',
  '\x80',
  '\xff\xc0'
];
