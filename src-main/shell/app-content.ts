import { extname, join, sep } from 'node:path';

/** The pages' own origin: nothing is ever loaded from anywhere else. */
export const contentOrigin = 'app://letterlock';
export const pageUrl = (surface: 'client' | 'station'): string => `${contentOrigin}/${surface}.html`;

/** No network, no inline script, no eval, no frames, no plug-ins, no string-to-script sinks. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'"
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2'
};

/** The file below `root` that a url names and its content type, or null: another origin, another kind of file, a way out of `root`. */
export function findContent(root: string, url: string): { path: string; contentType: string } | null {
  if (!URL.canParse(url)) return null;
  const { protocol, host, pathname: encoded } = new URL(url);
  if (`${protocol}//${host}` !== contentOrigin) return null;
  const pathname = decode(encoded);
  if (pathname === null || /[\\\0]/.test(pathname)) return null;
  const path = join(root, pathname);
  const contentType = contentTypes[extname(path)];
  return path.startsWith(root + sep) && contentType ? { path, contentType } : null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
