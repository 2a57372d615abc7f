// What goes into the packaged program, and which doors of Electron it closes.
import fs from 'node:fs';
import path from 'node:path';
import { installedRuntime } from './electron-runtime.mjs';

/** E2E_BUILD=1: a build that Playwright can drive (--inspect allowed). Never ship it. */
const e2e = process.env.E2E_BUILD === '1';
const runtime = installedRuntime();
if (runtime?.repack && !e2e) {
  throw new Error(
    'A release needs the official Electron binary; this machine has the fallback runtime, for development and tests only. Use --e2e to try out.'
  );
}

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.letterlock.app',
  productName: 'Letterlock',
  executableName: 'letterlock',
  directories: { output: e2e ? 'release/e2e' : 'release/dist', buildResources: 'build' },
  files: [
    'out/{main,preload,renderer}/**',
    '!out/**/*.map',
    '!out/main/print-sink.js', // for the demo: it writes what it gets in the clear
    'package.json',
    '!**/node_modules/*/prebuilds/{darwin,win32,android,freebsd,linux-arm}*/**',
    '!**/node_modules/*/{deps,src,binding.gyp,*.cpp,*.h}',
    '!**/node_modules/{@libsql,@node-rs}/*-musl/**'
  ],
  asar: true,
  asarUnpack: ['**/*.node'],
  npmRebuild: false, // every native module ships N-API prebuilds
  electronVersion: runtime?.version,
  electronDist: runtime?.dist, // the host's own folder, so no second download; leave it out to build for another platform
  electronLanguages: ['en-US'],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: e2e,
    enableEmbeddedAsarIntegrityValidation: process.platform !== 'linux', // Electron has none for Linux
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false
  },
  protocols: [{ name: 'Letterlock pairing link', schemes: ['letterlock'] }],
  linux: { target: ['dir', 'deb', 'AppImage'], category: 'Office', syncDesktopName: true, icon: 'icons' },
  deb: { compression: e2e ? 'gz' : 'xz' },
  publish: null,
  // electron-builder leaves it there when electronDist is a folder.
  afterPack: ({ appOutDir }) => fs.rmSync(path.join(appOutDir, 'resources', 'default_app.asar'), { force: true })
};
