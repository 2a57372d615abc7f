import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { page } from './page.ts';
import { compressed, type Encoding, encodingFor, etag, matches } from './send.ts';

/**
 * The built console and portal. Read once at the start into a table, so that no path of a request ever becomes a path of a
 * file. `/admin…` and `/portal…` are the two pages, whatever follows; names with a digest never change and are kept for good.
 */
export async function addPages(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const files = folder === undefined ? new Map<string, StaticFile>() : await readBuilt(folder);
  const console = files.get('/admin.html') ?? plainPage();
  const portal = files.get('/portal.html') ?? plainPage();

  for (const [path, file] of files)
    if (!path.endsWith('.html')) app.get(path, (request, reply) => send(request, reply, file));
  for (const path of ['/admin', '/admin/*']) app.get(path, (request, reply) => send(request, reply, console));
  for (const path of ['/portal', '/portal/*']) app.get(path, (request, reply) => send(request, reply, portal));
  app.get('/', (_request, reply) => reply.redirect(files.has('/admin.html') ? '/admin' : '/portal', 302));
}

interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
  readonly tag: string;
  readonly cacheControl: string;
  /** Compressed when first asked for. */
  readonly encoded: Map<Encoding, Promise<Buffer>>;
}

async function send(request: FastifyRequest, reply: FastifyReply, file: StaticFile): Promise<FastifyReply> {
  reply.type(file.type).headers({ etag: file.tag, 'cache-control': file.cacheControl, vary: 'accept-encoding' });
  if (matches(request, file.tag)) return reply.code(304).send();
  const encoding = compressible.test(file.type) ? encodingFor(request) : undefined;
  if (!encoding) return reply.send(file.body);
  const body = file.encoded.get(encoding) ?? compressed(file.body, encoding, true);
  file.encoded.set(encoding, body);
  return reply.header('content-encoding', encoding).send(await body);
}

/** By path. The pages name what they load from the root, because they are shown below it too. */
async function readBuilt(folder: string): Promise<Map<string, StaticFile>> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = new Map<string, StaticFile>();
  for (const entry of found) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length).split(sep).join('/');
    const type = types[extname(path)];
    if (!entry.isFile() || !type || windowPages.has(path)) continue;
    const body = await readFile(file);
    const text = path.endsWith('.html') ? Buffer.from(body.toString().replaceAll('="./', '="/')) : body;
    files.set(path, staticFile(text, type, path.startsWith('/assets/')));
  }
  return files;
}

const plainPage = () => staticFile(Buffer.from(page), types['.html'] ?? '', false);

const staticFile = (body: Buffer, type: string, lasting: boolean): StaticFile => ({
  body,
  type,
  tag: etag(body),
  cacheControl: lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
  encoded: new Map()
});

/** They belong to the windows and would find no bridge here. */
const windowPages = new Set(['/client.html', '/station.html']);
const compressible = /^(text|application)\/|svg/;
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2'
};
