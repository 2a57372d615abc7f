/**
 * What a document is, by its first bytes. For documents sent as "application/octet-stream" (RFC 8011 section 5.4.22), and to
 * see whether a declared format is true. Never looks at names, and never says what it isn't sure of.
 */

/** As many of the first bytes as `detectFormat` ever looks at. */
export const detectionBytes = 1024;

/** MIME type by magic number, as in the rules of CUPS (mime.types); null when unknown. */
export function detectFormat(first: Uint8Array): string | null {
  const head = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, detectionBytes)).toString(
    'latin1'
  );
  if (head.startsWith(universalExit)) return behindPjl(head);
  const known = magic.find(([prefix]) => head.startsWith(prefix));
  if (known) return known[1];
  return head.includes('%PDF-') ? 'application/pdf' : null; // ISO 32000-1 annex H.3.4.1: anywhere in the first 1024 bytes
}

const magic: readonly (readonly [string, string])[] = [
  ['RaS2', 'image/pwg-raster'], // PWG 5102.4 section 4.1
  ['UNIRAST\0', 'image/urf'], // Apple Raster, as cups/raster-stream.c writes it
  ['\xff\xd8\xff', 'image/jpeg'], // ITU-T T.81 annex B: SOI, then another marker
  ['\x89PNG\r\n\x1a\n', 'image/png'], // ISO/IEC 15948 section 5.2
  ['%!', 'application/postscript'], // Adobe Technical Note 5001
  ['\x04%!', 'application/postscript'], // the end-of-job byte of serial lines, still sent by some drivers
  ['\x1bE', 'application/vnd.hp-PCL'] // PCL 5: printer reset
];

/** HP PJL Technical Reference: Universal Exit Language, which drivers send before they name the language. */
const universalExit = '\x1b%-12345X';

const languages: Readonly<Record<string, string>> = {
  POSTSCRIPT: 'application/postscript',
  PDF: 'application/pdf',
  PCL: 'application/vnd.hp-PCL',
  PCLXL: 'application/vnd.hp-PCLXL'
};

function behindPjl(head: string): string | null {
  const [, language = ''] = /@PJL\s+ENTER\s+LANGUAGE\s*=\s*([A-Z0-9]+)/i.exec(head) ?? [];
  return languages[language.toUpperCase()] ?? null;
}
