#!/usr/bin/env node
/**
 * Makes a fresh checkout usable, with Node built-ins only: checks Node, installs the locked packages when the lock file
 * changed, provides the Electron runtime and the system packages that the demo and the tests need.
 * As root on Debian it installs what is missing; elsewhere it prints the exact command and what will be left out.
 * With CI=true a missing component is a failure.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const oldestNode = [20, 19];

/** What is looked for, the Debian package that has it, and what goes without. */
const systemParts = [
  {
    file: 'ippeveprinter',
    package: 'cups-ipp-utils',
    for: 'a real IPPS printer (the demo falls back to a print sink of our own)'
  },
  { file: 'ipptool', package: 'cups-ipp-utils', for: 'IPP conformance tests' },
  { file: 'cupsd', package: 'cups', for: 'tests through a real CUPS queue' },
  { file: 'lp', package: 'cups-client', for: 'tests through a real CUPS queue' },
  { file: 'dbus-daemon', package: 'dbus', for: 'ippeveprinter' },
  { file: 'avahi-daemon', package: 'avahi-daemon', for: 'ippeveprinter' },
  { file: 'avahi-browse', package: 'avahi-utils', for: 'discovery by strangers' },
  { file: 'ippfind', package: 'cups-ipp-utils', for: 'discovery by strangers' },
  { file: 'ip', package: 'iproute2', for: 'networks of their own for tests' },
  { file: 'tc', package: 'iproute2', for: 'narrow networks in chaos trials' },
  { file: 'faketime', package: 'faketime', for: 'clocks that jump in chaos trials' },
  { file: 'tcpdump', package: 'tcpdump', for: 'the search for plaintext in captured packets' },
  { file: 'chromium', package: 'chromium', for: 'tests of the console and the portal in a browser' },
  { file: 'openssl', package: 'openssl', for: 'certificate checks by a foreign tool' },
  { file: 'curl', package: 'curl', for: 'hostile HTTP requests' },
  { file: 'syslog-ng', package: 'syslog-ng-core', for: 'the audit log at a foreign syslog server' },
  { file: 'setpriv', package: 'util-linux', for: 'programs that act as another user' },
  { file: 'Xvfb', package: 'xvfb', for: 'windows without a display' },
  { file: 'xvfb-run', package: 'xvfb', for: 'windows without a display' },
  { file: 'xauth', package: 'xauth', for: 'windows without a display' }
];
const electronLibraries = [
  { library: 'libgtk-3.so.0', package: 'libgtk-3-0' },
  { library: 'libnss3.so', package: 'libnss3' },
  { library: 'libasound.so.2', package: 'libasound2' },
  { library: 'libgbm.so.1', package: 'libgbm1' },
  { library: 'libXss.so.1', package: 'libxss1' },
  { library: 'libnotify.so.4', package: 'libnotify4' },
  { library: 'libXtst.so.6', package: 'libxtst6' },
  { library: 'libatk-bridge-2.0.so.0', package: 'libatk-bridge2.0-0' }
];

/** Runs every step; throws with a plain message when one cannot be done. */
export async function setup({ log = (line) => console.error(line) } = {}) {
  checkNode();
  installPackages(log);
  installSystemParts(log);
  const { ensureElectronRuntime } = await import('./electron-runtime.mjs');
  ensureElectronRuntime({ log });
}

/** Bundles src-* into out/ when a source is newer than the last bundle. */
export function buildIfChanged({ log = (line) => console.error(line) } = {}) {
  const stamp = path.join(root, 'out', '.built');
  const state = sourceState();
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === state) return;
  log('building…');
  run(npm('run', 'build'), 'the build failed');
  fs.writeFileSync(stamp, state);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Error(`Node ${oldestNode.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

function installPackages(log) {
  const wanted = createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.letterlock-lock');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  log('installing the locked packages (npm ci)…');
  run(npm('ci', '--no-audit', '--no-fund'), 'npm ci failed');
  fs.writeFileSync(stamp, wanted);
}

function installSystemParts(log) {
  const missing = missingParts();
  if (!missing.length) return;
  const packages = [...new Set(missing.map((part) => part.package))];
  if (process.platform === 'linux' && process.getuid?.() === 0 && which('apt-get')) {
    log(`installing ${packages.join(' ')}…`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { stdio: ['ignore', 'ignore', 'inherit'], env };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  }
  const still = missingParts();
  if (!still.length) return;
  for (const part of still) log(`missing: ${part.file ?? part.library}, needed for ${part.for ?? 'Electron'}`);
  log(`On Debian or Ubuntu: sudo apt-get install -y ${[...new Set(still.map((part) => part.package))].join(' ')}`);
  if (process.env.CI === 'true') throw new Error('A needed system package is missing and CI=true.');
}

function missingParts() {
  if (process.platform !== 'linux') return [];
  const known =
    spawnSync('ldconfig', ['-p'], { encoding: 'utf8', env: { ...process.env, PATH: searchPath() } }).stdout ?? '';
  return [
    ...systemParts.filter((part) => !which(part.file)),
    ...electronLibraries.filter((part) => !known.includes(part.library))
  ];
}

/** Full path of a program, also where only root usually looks. */
export function which(program) {
  return searchPath()
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .find((file) => fs.existsSync(file));
}

function searchPath() {
  return [process.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin'].join(path.delimiter);
}

function sourceState() {
  const hash = createHash('sha256');
  for (const top of ['src-main', 'src-preload', 'src-renderer', 'electron.vite.config.ts', 'package-lock.json']) {
    for (const file of filesBelow(path.join(root, top))) {
      const { mtimeMs, size } = fs.statSync(file);
      hash.update(`${file}\0${mtimeMs}\0${size}\n`);
    }
  }
  return hash.digest('hex');
}

function filesBelow(entry) {
  if (fs.statSync(entry).isFile()) return [entry];
  return fs
    .readdirSync(entry)
    .sort()
    .flatMap((name) => filesBelow(path.join(entry, name)));
}

/** npm as it was started here, else the one on the path. */
export function npm(...args) {
  const entry = process.env.npm_execpath;
  return entry?.endsWith('.js') ? [process.execPath, entry, ...args] : ['npm', ...args];
}

function run([command, ...args], problem) {
  // Standard output stays free for results: the demo prints one line of JSON there.
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(problem);
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  setup().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
