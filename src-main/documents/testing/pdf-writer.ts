import { deflateSync } from 'node:zlib';

/** Writes PDF files for tests, right or wrong, piece by piece. Cross-references come out right unless a test tampers with them. */
export function createPdfWriter() {
  const pieces: Buffer[] = [];
  let size = 0;
  let highest = 0;
  let previous: number | undefined;
  let entries = new Map<number, { offset: number } | { stream: number; index: number } | null>();

  const raw = (piece: string | Buffer) => {
    const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    pieces.push(bytes);
    size += bytes.length;
    return writer;
  };

  const put = (number: number, location: { offset: number } | { stream: number; index: number } | null) => {
    entries.set(number, location);
    highest = Math.max(highest, number);
  };

  const finish = (section: number, startxref = section) => {
    previous = section;
    entries = new Map();
    return raw(`startxref\n${startxref}\n%%EOF\n`);
  };

  const writer = {
    raw,
    get size() {
      return size;
    },
    object(number: number, value: string) {
      put(number, { offset: size });
      return raw(`${number} 0 obj\n${value}\nendobj\n`);
    },
    /** `length`: what the dictionary says, if not the truth. */
    stream(number: number, dict: string, body: string | Buffer, length: string | number = body.length) {
      put(number, { offset: size });
      raw(`${number} 0 obj\n<<${dict}/Length ${length}>>\nstream\n`);
      return raw(body).raw('\nendstream\nendobj\n');
    },
    flate(number: number, dict: string, body: string | Buffer) {
      return writer.stream(number, `${dict}/Filter/FlateDecode`, deflateSync(body));
    },
    objectStream(number: number, objects: Readonly<Record<number, string>>) {
      const all = Object.entries(objects);
      let offset = 0;
      const pairs = all.map(([inner, value], index) => {
        put(Number(inner), { stream: number, index });
        const pair = `${inner} ${offset} `;
        offset += value.length + 1;
        return pair;
      });
      const first = pairs.join('');
      const body = `${first}${all.map(([, value]) => `${value} `).join('')}`;
      return writer.flate(number, `/Type/ObjStm/N ${all.length}/First ${first.length}`, body);
    },
    free(number: number) {
      put(number, null);
      return writer;
    },
    /** A cross-reference table of what was written since the last one. */
    table(
      trailer = '/Root 1 0 R',
      { prev = previous, startxref }: { prev?: number | null | undefined; startxref?: number } = {}
    ) {
      const at = size;
      raw('xref\n');
      for (const [number, location] of entries) {
        const offset = location && 'offset' in location ? location.offset : 0;
        raw(`${number} 1\n${String(offset).padStart(10, '0')} 00000 ${location ? 'n' : 'f'} \n`);
      }
      raw(`trailer\n<</Size ${highest + 1}${trailer}${typeof prev !== 'number' ? '' : `/Prev ${prev}`}>>\n`);
      return finish(at, startxref);
    },
    /** The same as a cross-reference stream; with `predictor`, its rows are differences, as most writers do it. */
    crossReferenceStream(number: number, trailer = '/Root 1 0 R', { predictor = false } = {}) {
      const at = size;
      put(number, { offset: at });
      const numbers = [...entries.keys()].sort((one, other) => one - other);
      const rows = numbers.map((one) => row(entries.get(one) ?? null));
      const body = predictor
        ? rows.map((bytes, index) =>
            Buffer.concat([Buffer.of(2), bytes.map((byte, column) => byte - (rows[index - 1]?.[column] ?? 0))])
          )
        : rows;
      const parameters = predictor ? '/DecodeParms<</Predictor 12/Columns 6>>' : '';
      const prev = previous === undefined ? '' : `/Prev ${previous}`;
      const index = numbers.map((one) => `${one} 1`).join(' ');
      const dict = `/Type/XRef/Size ${highest + 1}/W[1 4 1]/Index[${index}]${parameters}${trailer}${prev}`;
      writer.flate(number, dict, Buffer.concat(body));
      return finish(at);
    },
    bytes: () => Buffer.concat(pieces)
  };
  return writer.raw('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n');
}

export type PdfWriter = ReturnType<typeof createPdfWriter>;

function row(location: { offset: number } | { stream: number; index: number } | null): Buffer {
  const bytes = Buffer.alloc(6);
  if (!location) return bytes;
  bytes[0] = 'offset' in location ? 1 : 2;
  bytes.writeUInt32BE('offset' in location ? location.offset : location.stream, 1);
  bytes[5] = 'offset' in location ? 0 : location.index;
  return bytes;
}

/** Catalog, root and `count` Letter pages as objects 1, 2, 3 and so on, with `extra` in every page. */
export function withPages(writer: PdfWriter, count: number, extra = ''): PdfWriter {
  const numbers = Array.from({ length: count }, (_, index) => index + 3);
  writer.object(1, '<</Type/Catalog/Pages 2 0 R>>');
  writer.object(2, `<</Type/Pages/Kids[${numbers.map((one) => `${one} 0 R`).join(' ')}]/Count ${count}>>`);
  for (const number of numbers) writer.object(number, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]${extra}>>`);
  return writer;
}
