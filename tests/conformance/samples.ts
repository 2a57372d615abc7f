import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pdfDocument } from '../support/pdf.ts';
import { writeRasterSamples } from './pwg-raster.ts';

/** Where CUPS keeps its conformance suites. */
const installed = '/usr/share/cups/ipptool';

/** The suites and the documents that they name, in one folder: they are run from there. */
export async function writeSamples(folder: string): Promise<void> {
  for (const name of await readdir(installed)) {
    if (name.endsWith('.test')) await copyFile(join(installed, name), join(folder, name));
  }
  for (const paper of ['a4', 'letter']) {
    await writeFile(join(folder, `document-${paper}.pdf`), pdfDocument());
    await writeFile(join(folder, `document-${paper}.ps`), '%!PS\nshowpage\n');
  }
  for (const name of ['color.jpg', 'gray.jpg']) await writeFile(join(folder, name), jpeg);
  await writeRasterSamples(await readFile(join(folder, 'ipp-everywhere.test'), 'utf8'), folder);
}

/** Begin, JFIF header, end: enough for who doesn't decode it. */
const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
