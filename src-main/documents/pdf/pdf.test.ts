import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { samplePdf } from '../../../build/sample-document.mjs';
import { createPdfWriter, type PdfWriter, withPages } from '../testing/pdf-writer.ts';
import { readFacts } from '../testing/read-facts.ts';

const facts = (document: PdfWriter | Buffer) =>
  readFacts('application/pdf', Buffer.isBuffer(document) ? document : document.bytes());
const letter = { x: 21590, y: 27940 };
const a4 = { x: 21000, y: 29700 };
const [a4Box, letterBox] = ['[0 0 595.276 841.89]', '[0 0 612 792]'];

describe('pages and paper of PDF', () => {
  it('counts what the page tree holds', () => {
    expect(facts(withPages(createPdfWriter(), 3).table())).toEqual({ pages: 3, color: false, media: [letter] });
    expect(facts(samplePdf(['Hello']))).toEqual({ pages: 1, color: false, media: [letter] });
  });

  it('inherits boxes and rotation, and scales by the user unit', () => {
    const document = createPdfWriter()
      .object(1, '<</Type/Catalog/Pages 2 0 R>>')
      .object(2, `<</Type/Pages/Count 5/Kids[3 0 R 4 0 R]/MediaBox${a4Box}>>`)
      .object(3, '<</Type /Pages /Parent 2 0 R /Count 4 /Rotate -90 /Kids [ 5 0 R 6 0 R 7 0 R 8 0 R ] >>')
      .object(4, '<</Type/Page/Parent 2 0 R/MediaBox[306 396 0 0]/UserUnit 2>>')
      .object(5, '<</Type/Page/Parent 3 0 R>>')
      .object(6, '<</Type/Page/Parent 3 0 R>>')
      .object(7, '<</Type/Page/Parent 3 0 R/Rotate 0>>')
      .object(8, '<</#54ype/P#61ge/Parent 3 0 R/Rotate 180>>')
      .table();
    expect(facts(document)).toMatchObject({ pages: 5, media: [{ x: 29700, y: 21000 }, a4, letter] });
  });

  it('leaves paper out when one page does not say it, but not the count', () => {
    const document = createPdfWriter()
      .object(1, '<</Type/Catalog/Pages 2 0 R>>')
      .object(2, '<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]>>')
      .object(3, `<</Type/Page/Parent 2 0 R/MediaBox${letterBox}>>`)
      .object(4, '<</Type/Page/Parent 2 0 R/MediaBox 9 0 R>>')
      .table();
    expect(facts(document)).toEqual({ pages: 2, color: false });
  });

  it.each([false, true])('reads object streams and cross-reference streams, predictor %s', (predictor) => {
    const document = createPdfWriter()
      .objectStream(9, {
        1: '<</Type/Catalog/Pages 2 0 R>>',
        2: '<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>',
        3: `<</Type/Page/MediaBox${letterBox}>>`,
        4: `<</Type/Page/MediaBox${a4Box}>>`
      })
      .crossReferenceStream(10, '/Root 1 0 R', { predictor });
    expect(facts(document)).toEqual({ pages: 2, color: false, media: [letter, a4] });
  });

  it('follows a document that was saved again: pages replaced, added and deleted', () => {
    const document = withPages(createPdfWriter(), 2).table();
    document
      .object(4, `<</Type/Page/Parent 2 0 R/MediaBox${a4Box}>>`)
      .object(9, `<</Type/Page/Parent 2 0 R/MediaBox${a4Box}>>`)
      .object(2, '<</Type/Pages/Kids[3 0 R 4 0 R 9 0 R]/Count 3>>')
      .table();
    expect(facts(document)).toEqual({ pages: 3, media: [a4, letter] });
    document.free(4).object(2, '<</Type/Pages/Kids[3 0 R 9 0 R]/Count 2>>').table();
    expect(facts(document)).toEqual({ pages: 2, media: [letter, a4] });
  });

  it('knows a linearized file, whose first cross-references come before the objects', () => {
    const page = `<</Type/Page/Parent 2 0 R/MediaBox${letterBox}>>`;
    const build = (first: number, pageAt: number, promised: number) => {
      const document = createPdfWriter().object(5, `<</Linearized 1/N ${promised}>>`);
      const firstAt = document.size;
      document.raw(`xref\n4 1\n${String(pageAt).padStart(10, '0')} 00000 n \ntrailer\n`);
      document.raw(`<</Size 6/Root 1 0 R/Prev ${String(first).padStart(10, '0')}>>\nstartxref\n0\n%%EOF\n`);
      const at = document.size;
      document.object(4, page).object(1, '<</Type/Catalog/Pages 2 0 R>>').object(3, page);
      document.object(2, '<</Type/Pages/Kids[4 0 R 3 0 R]/Count 2>>');
      const main = document.size;
      return { at, main, document: document.table('', { startxref: firstAt }) };
    };
    const { at, main } = build(0, 0, 2);
    expect(facts(build(main, at, 2).document)).toEqual({ pages: 2, color: false, media: [letter] });
    expect(facts(build(main, at, 3).document)).toEqual({});
  });

  it('shows the pages of an encrypted document, but not its colour', () => {
    expect(facts(withPages(createPdfWriter(), 2).table('/Root 1 0 R/Encrypt 99 0 R'))).toEqual({
      pages: 2,
      media: [letter]
    });
  });

  it('finds lengths that are said elsewhere, and passes over what looks like objects in streams and strings', () => {
    const decoy = '3 0 obj\n<</Type/Page>>\nendobj\n';
    const document = withPages(createPdfWriter(), 1)
      .stream(20, '', `${decoy}trailer <</Root 7 0 R>>`)
      .stream(21, '', 'endstrea endstreaendstrea m', '22 0 R')
      .object(22, '27')
      .object(23, `[(${decoy}\\) (nested) \\\\) <${Buffer.from(decoy).toString('hex')}>]`)
      .raw(`% ${decoy.replaceAll('\n', ' ')}\n`)
      .table();
    expect(facts(document)).toMatchObject({ pages: 1 });
  });

  it('accepts bytes before the file and after it', () => {
    const document = withPages(createPdfWriter(), 1).table().bytes();
    const job = Buffer.concat([
      Buffer.from('\x1b%-12345X@PJL ENTER LANGUAGE = PDF\r\n'),
      document,
      Buffer.from('\x1b%-12345X@PJL EOJ\r\n')
    ]);
    expect(facts(job)).toMatchObject({ pages: 1 });
  });
});

describe('PDF that lies or is broken', () => {
  const honest = withPages(createPdfWriter(), 3).table().bytes();
  const edited = (from: string, to: string) => Buffer.from(honest.toString('latin1').replace(from, to), 'latin1');

  it.each([
    ['a count that is not true', edited('/Count 3', '/Count 1')],
    ['a page that is missing', edited('5 0 obj', '6 0 obj')],
    ['a page that is another thing', edited('<</Type/Page/', '<</Type/Font/')],
    ['a wrong offset', edited('0000000015', '0000000016')],
    ['a free entry for a page', edited(' n \n3 1', ' f \n3 1')],
    ['no end', honest.subarray(0, honest.length - 20)],
    ['half of it', honest.subarray(0, honest.length / 2)],
    ['nothing but its first line', Buffer.from('%PDF-1.7\n')],
    ['values that do not nest', edited('[3 0 R', '<<3 0 R')],
    ['no PDF', Buffer.alloc(5000, 'x')]
  ])('%s', (_, document) => {
    expect(document.equals(honest)).toBe(false);
    expect(facts(document)).toEqual({});
  });

  it('pages that contain themselves, or come twice', () => {
    const looped = (kids: string) =>
      createPdfWriter()
        .object(1, '<</Type/Catalog/Pages 2 0 R>>')
        .object(2, `<</Type/Pages/Kids[${kids}]/Count 2>>`)
        .object(3, `<</Type/Page/MediaBox${letterBox}>>`)
        .table();
    expect(facts(looped('3 0 R 2 0 R'))).toEqual({});
    expect(facts(looped('3 0 R 3 0 R'))).toEqual({});
  });

  it('a second, smaller document behind the one that its end points to', () => {
    const real = withPages(createPdfWriter(), 9);
    const at = real.size;
    const one = '<</Type/Pages/Kids[3 0 R]/Count 1>>';
    expect(facts(real.table().object(2, one).table('/Root 1 0 R', { startxref: at }))).toEqual({});
    expect(facts(withPages(createPdfWriter(), 9).table().object(2, one).raw('%%EOF\n'))).toEqual({});
    const other = withPages(createPdfWriter(), 9).table();
    other.object(11, '<</Type/Catalog/Pages 12 0 R>>').object(12, one);
    expect(facts(other.table('/Root 11 0 R', { prev: null }))).toEqual({});
  });

  it('a length that jumps over pages', () => {
    const document = createPdfWriter().stream(9, '', 'x', 60);
    expect(facts(withPages(document, 2).table())).toEqual({});
  });

  it.each([
    ['-1', 2],
    ['9 0 R', 2],
    ['99999999999999999999', 2],
    ['1000000000', undefined],
    ['1e9', undefined]
  ])('a length of %s', (length, pages) => {
    const document = withPages(createPdfWriter(), 2).stream(9, '', 'x', length);
    expect(facts(document.table()).pages).toBe(pages);
  });

  it('object streams that inflate without end, lie about their objects or read them twice', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    const withStream = (dict: string, body: Buffer) =>
      withPages(createPdfWriter(), 1).stream(9, `/Type/ObjStm${dict}/Filter/FlateDecode`, body).table();
    expect(facts(withStream('/N 1/First 4', bomb))).toEqual({});
    expect(facts(withStream('/N 9/First 4', deflateSync('7 0 1')))).toEqual({});
    expect(facts(withStream('/N 2/First 8', deflateSync('7 0 8 0 [1 2 3]')))).toEqual({});
    expect(facts(withStream('/N 1/First 4', Buffer.from('no zlib')))).toEqual({});
    expect(facts(withStream('/N 1/First 4', deflateSync('7 0 99')))).toMatchObject({ pages: 1 });
  });

  it('nesting, sizes and numbers beyond all reason', () => {
    const withObject = (value: string) => facts(withPages(createPdfWriter(), 1).object(9, value).table());
    expect(withObject('['.repeat(60) + ']'.repeat(60))).toMatchObject({ pages: 1 });
    expect(withObject('['.repeat(1e6) + ']'.repeat(1e6))).toEqual({});
    expect(withObject(`[${'0 '.repeat(200_000)}]`)).toEqual({});
    expect(withObject(`/${'x'.repeat(2000)}`)).toEqual({});
    expect(facts(withPages(createPdfWriter(), 1).object(99_999_999, 'null').table())).toEqual({});
  });
});

describe('colour of PDF', () => {
  const color = (document: PdfWriter) => facts(document.table()).color;
  const withContent = (content: string) =>
    color(withPages(createPdfWriter(), 1, '/Contents 9 0 R').flate(9, '', content));

  it.each([
    ['0 g 0.5 G 1 1 1 rg .3 .30 +0.3 RG 0 0 0 1 k', false],
    ['BT (1 0 0 rg) Tj <31203020302072672020> Tj /rg 1 Tf ET % 1 0 0 rg', false],
    ['0 0 0 sc /P1 scn 0.4 sc 0 0 0 .5 SCN', false],
    ['1 0 0 rg', true],
    ['(a\\)b(c)) Tj 0 0.1 0 0 K', true],
    ['/Cs1 cs 1 0.5 0 sc', true],
    ['(a) \' 0 0 0 rg 1 2 (b) " 0 0 0 1 k * ! 1 1 1 rg', false],
    ['1 0 rg', undefined],
    ['0 0 0.1.2 rg', undefined],
    ['0 1 sc', undefined],
    ['BI /W 1 /H 1 /CS /RGB /BPC 8 ID abc EI', true],
    ['BI /W 1 /H 1 /CS /G /BPC 8 ID a EI Q 0 g', false],
    ['BI /W 1 /H 1 /CS /G /BPC 8 ID 1 0 0 rg EI Q 1 0 0 rg', true],
    ['BI /W 1 /H 1 /CS /Cs1 /BPC 8 ID a EI', undefined],
    ['BI /W 1 /H 1 /IM true ID a', undefined],
    ['(never closed', undefined]
  ])('content %s', (content, expected) => expect(withContent(content)).toBe(expected));

  const image = '/Subtype/Image/Width 1/Height 1/BitsPerComponent 8';
  it.each([
    ['/ColorSpace/DeviceGray', false],
    ['/ImageMask true', false],
    ['/ColorSpace/DeviceRGB', true],
    ['/ColorSpace/DeviceCMYK', true],
    ['/ColorSpace[/Separation/Black/DeviceCMYK 7 0 R]', false],
    ['/ColorSpace[/Separation/Orange/DeviceCMYK 7 0 R]', true],
    ['/ColorSpace[/Indexed/DeviceRGB 1(abcdef)]', undefined],
    ['/ColorSpace[/ICCBased 20 0 R]', true],
    ['/ColorSpace[/ICCBased 21 0 R]', false],
    ['/ColorSpace[/ICCBased 29 0 R]', undefined],
    ['/ColorSpace 22 0 R', true],
    ['/ColorSpace 23 0 R', undefined],
    ['/Filter/JPXDecode', undefined]
  ])('image %s', (space, expected) => {
    const document = withPages(createPdfWriter(), 1)
      .stream(9, image + space, 'x')
      .stream(20, '/N 3', 'x')
      .stream(21, '/N 1', 'x')
      .object(22, '[/ICCBased 20 0 R]')
      .object(23, '23 0 R');
    expect(color(document)).toBe(expected);
  });

  it.each([
    ['a form', '/Type/XObject/Subtype/Form', true],
    ['a tiling pattern', '/Type/Pattern/PatternType 1', true],
    ['a font', '/Length1 10', false],
    ['a description', '/Type/Metadata/Subtype/XML', false],
    ['a filter that is not decoded', '/Filter/LZWDecode', undefined],
    ['a shading in colour', '/ShadingType 4/ColorSpace/DeviceRGB', undefined]
  ])('%s', (_, dict, expected) => {
    expect(color(withPages(createPdfWriter(), 1).stream(9, dict, '1 0 0 rg'))).toBe(expected);
  });

  it('gives up on a document whose streams are broken, one after the other', () => {
    const document = (broken: number) => {
      const writer = withPages(createPdfWriter(), 1);
      for (let index = 0; index < broken; index++) writer.stream(100 + index, '/Filter/FlateDecode', 'no zlib');
      return writer.flate(9, '', '1 0 0 rg');
    };
    expect(color(document(3))).toBe(true);
    expect(color(document(30))).toBeUndefined();
  });

  it('says nothing where layers may be hidden, where spot colours are about, or where it saw too little', () => {
    const document = () =>
      createPdfWriter().object(2, '<</Type/Pages/Kids[3 0 R]/Count 1>>').object(3, '<</Type/Page>>');
    const layered = document().object(1, '<</Type/Catalog/Pages 2 0 R/OCProperties<<>>>>').stream(9, '', '1 0 0 rg');
    expect(facts(layered.table())).toEqual({ pages: 1 });
    const spot = document()
      .object(1, '<</Type/Catalog/Pages 2 0 R>>')
      .object(8, '<</Cs[/Separation/Red 1 0 R 2 0 R]>>');
    expect(facts(spot.table())).toEqual({ pages: 1 });
    const large = withPages(createPdfWriter(), 1).stream(9, '', '0 g '.repeat(400_000));
    expect(facts(large.table())).toEqual({ pages: 1, media: [letter] });
    const bomb = withPages(createPdfWriter(), 1).flate(9, '', Buffer.alloc(16 * 1024 * 1024, '0 g '));
    expect(facts(bomb.table())).toEqual({ pages: 1, media: [letter] });
  });
});
