import { PDFDocument } from 'pdf-lib';
import type { Size } from './port.ts';

/**
 * A JPEG picture as the one page of a PDF file, as large as the sheet allows. The picture's bytes are passed on, not decoded.
 * `sheet`: in points; turned if the picture lies.
 */
export async function picturePage(bytes: Uint8Array<ArrayBuffer>, sheet: Size): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false });
  const picture = await document.embedJpg(bytes);
  const [short, long] = [Math.min(sheet.width, sheet.height), Math.max(sheet.width, sheet.height)];
  const [width, height] = picture.width > picture.height ? [long, short] : [short, long];
  const page = document.addPage([width, height]);
  const fitted = picture.scaleToFit(width - 2 * margin, height - 2 * margin);
  page.drawImage(picture, { ...fitted, x: (width - fitted.width) / 2, y: (height - fitted.height) / 2 });
  return document.save({ useObjectStreams: false });
}

/** A quarter of an inch: what printers cannot print on. */
const margin = 18;
