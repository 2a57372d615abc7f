import icon48 from '../../build/icons/48x48.png?inline';
import icon128 from '../../build/icons/128x128.png?inline';
import icon512 from '../../build/icons/512x512.png?inline';
import type { PrinterState } from './port.ts';

/** printer-icons (PWG 5100.13 section 5.6.27): paths of PNG files of 48, 128 and 512 pixels. */
export const iconPaths = ['/icon-48.png', '/icon-128.png', '/icon-512.png'] as const;

const icons = new Map<string, Buffer>(
  [icon48, icon128, icon512].map((uri, index) => [
    iconPaths[index] ?? '',
    Buffer.from(uri.split(',', 2)[1] ?? '', 'base64')
  ])
);

export interface Page {
  headers: Record<string, string | number>;
  body: Uint8Array;
}

export const isPage = (path: string): boolean => path === '/' || icons.has(path);

/**
 * All that a printer serves besides IPP: a page for people who follow printer-more-info, and its icons. Nothing of a request
 * comes back in it, no job is named, and no other page may frame, embed or script it.
 */
export function pageAt(path: string, printer: { name: string; state: PrinterState; accepting: boolean }): Page {
  const icon = icons.get(path);
  const body = icon ?? Buffer.from(aboutPrinter(printer));
  const type = icon ? 'image/png' : 'text/html; charset=utf-8';
  return { headers: { ...strict, 'Content-Type': type, 'Content-Length': body.length }, body };
}

const strict = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff'
};

const aboutPrinter = ({ name, state, accepting }: Parameters<typeof pageAt>[1]): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(name)}</title><link rel="icon" href="${iconPaths[0]}"></head>
<body>
<img src="${iconPaths[1]}" alt="" width="128" height="128">
<h1>${escaped(name)}</h1>
<p>${accepting ? `This printer takes jobs; it is ${state.state}.` : 'This printer takes no jobs now.'}</p>
<p>${escaped(state.message ?? '')}</p>
</body>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
