import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import fastify from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPages } from './pages.ts';

let root: string;
let built: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'letterlock-pages-'));
  built = join(root, 'renderer');
  await mkdir(join(built, 'assets'), { recursive: true });
  await writeFile(join(root, 'secret.js'), 'secret');
  await writeFile(join(built, 'admin.html'), '<script src="./assets/admin-x1.js"></script>');
  await writeFile(join(built, 'client.html'), 'of a window');
  await writeFile(join(built, 'assets/admin-x1.js'), 'script '.repeat(1000));
  await writeFile(join(built, 'assets/notes.txt'), 'not a kind that is served');
});
afterEach(() => rm(root, { recursive: true }));

const open = async (folder: string | undefined) => {
  const app = fastify();
  await addPages(app, folder);
  return (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
};

test('the console is one page, wherever it says that it is, and loads from the root', async () => {
  const get = await open(built);
  for (const path of ['/admin', '/admin/devices', '/admin/a/b?filter=x']) {
    const { body, headers } = await get(path);
    expect(body).toBe('<script src="/assets/admin-x1.js"></script>');
    expect(headers['cache-control']).toBe('no-cache');
  }
  expect((await get('/')).headers.location).toBe('/admin');
  expect((await get('/portal')).body).toContain('Letterlock coordinator');
});

test('what has a digest in its name is kept for good, and travels compressed', async () => {
  const get = await open(built);
  const { headers, rawPayload } = await get('/assets/admin-x1.js', { 'accept-encoding': 'gzip, br' });
  expect(headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'br',
    'content-type': 'text/javascript; charset=utf-8'
  });
  expect(brotliDecompressSync(rawPayload).toString()).toBe('script '.repeat(1000));
  const again = await get('/assets/admin-x1.js', { 'if-none-match': String(headers.etag) });
  expect(again.statusCode).toBe(304);
});

test('nothing else is there: no way out, no window’s page, no other kind of file', async () => {
  const get = await open(built);
  const paths = [
    '/../secret.js',
    '/assets/../../secret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/assets%2f..%2f..%2fsecret.js'
  ];
  for (const path of [...paths, '/client.html', '/admin.html', '/assets/notes.txt', '/assets', '/assets/'])
    expect((await get(path)).statusCode, path).toBe(404);
});

test('without built pages there is a plain one', async () => {
  for (const folder of [undefined, join(root, 'not-there')]) {
    const get = await open(folder);
    expect((await get('/admin')).body).toContain('letterlock admin');
  }
});
