import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectFormat, detectionBytes } from '../../src-main/documents/detect.ts';
import { createFactsReader } from '../../src-main/documents/facts.ts';
import type { DocumentFacts } from '../../src-preload/contract/views.ts';
import { needs } from '../support/needs.ts';

const run = promisify(execFile);

/** Five grey pages of A4 and one that lies on its side and is coloured. */
const program = `%!PS
/Helvetica findfont 20 scalefont setfont
<< /PageSize [595 842] >> setpagedevice
1 1 5 { 72 700 moveto 10 string cvs show 0.5 setgray 100 100 50 50 rectfill showpage } for
<< /PageSize [842 595] >> setpagedevice
1 0 0 setrgbcolor 100 100 50 50 rectfill showpage
`;

/** Documents as real programs write them, and what another reader counts in them. */
describe.runIf(needs('gs', 'pdfinfo'))('facts of real documents', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-facts-'));
    await writeFile(join(folder, 'source.ps'), program);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const made = async (device: string, ...options: string[]): Promise<{ file: string; bytes: Buffer }> => {
    const file = join(folder, 'document');
    await run('gs', ['-q', `-sDEVICE=${device}`, '-r75', ...options, '-o', file, join(folder, 'source.ps')]);
    return { file, bytes: await readFile(file) };
  };

  const factsOf = (bytes: Buffer): DocumentFacts & { format: string | null } => {
    const format = detectFormat(bytes.subarray(0, detectionBytes));
    const reader = createFactsReader(format ?? '');
    for (let at = 0; at < bytes.length; at += 1000) reader.write(bytes.subarray(at, at + 1000));
    return { format, ...reader.end() };
  };

  it.each([
    ['with a table', '-dCompatibilityLevel=1.4'],
    ['with object streams', '-dCompatibilityLevel=1.7', '-dWriteObjStms=true'],
    ['linearized', '-dFastWebView=true'],
    ['in grey', '-sColorConversionStrategy=Gray'],
    ['encrypted', '-sOwnerPassword=owner', '-dEncryptionR=3', '-dKeyLength=128']
  ])('PDF %s', async (kind, ...options) => {
    const { file, bytes } = await made('pdfwrite', ...options);
    const { format, pages, color, media } = factsOf(bytes);
    const info = (await run('pdfinfo', [file])).stdout;
    expect(format).toBe('application/pdf');
    expect(pages).toBe(Number(/^Pages:\s+(\d+)/m.exec(info)?.[1]));
    expect(media).toEqual([
      { x: 20990, y: 29704 },
      { x: 29704, y: 20990 }
    ]);
    expect(color).toBe(kind === 'encrypted' ? undefined : kind !== 'in grey');
  });

  it('PostScript', async () => {
    expect(factsOf((await made('ps2write')).bytes)).toMatchObject({ format: 'application/postscript', pages: 6 });
  });

  it.each([
    ['pwgraster', 'image/pwg-raster'],
    ['appleraster', 'image/urf']
  ])('%s in grey and in colour, whose pixels tell', async (device, type) => {
    const rgb = ['-dcupsColorSpace=19', '-dcupsBitsPerColor=8'];
    expect(factsOf((await made(device)).bytes)).toMatchObject({ format: type, pages: 6, color: false });
    expect(factsOf((await made(device, ...rgb)).bytes)).toMatchObject({ format: type, pages: 6, color: true });
  });

  it.each([
    ['jpeg', 'image/jpeg', true],
    ['jpeggray', 'image/jpeg', false],
    ['png16m', 'image/png', true],
    ['pnggray', 'image/png', false]
  ])('%s', async (device, format, color) => {
    expect(factsOf((await made(device)).bytes)).toEqual({ format, pages: 1, color });
  });
});
