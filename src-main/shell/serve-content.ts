import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import { contentSecurityPolicy, findContent } from './app-content.ts';

/** Before `ready`: makes app: a scheme with an origin of its own. */
export function registerContentScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, codeCache: true } }
  ]);
}

/** After `ready`: answers app: from the built pages in `root` and from nowhere else. */
export function serveContent(root: string): void {
  protocol.handle('app', async (request) => {
    const found = request.method === 'GET' ? findContent(root, request.url) : null;
    const body = found && (await readFile(found.path).catch(() => null));
    if (!found || !body) return new Response(null, { status: 404 });
    return new Response(body, {
      headers: {
        'Content-Type': found.contentType,
        'Content-Security-Policy': contentSecurityPolicy,
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff'
      }
    });
  });
}
