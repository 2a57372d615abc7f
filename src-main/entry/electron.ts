/// <reference types="electron-vite/node" />
import { join } from 'node:path';
import icon from '../../build/icons/64x64.png?asset';
import { startShell } from '../shell/start.ts';

/** Entry of the program with windows. Everything that it does is in `shell/`. */
const built = join(import.meta.dirname, '..');

startShell({
  engine: join(built, 'main/engine.js'),
  preload: join(built, 'preload'),
  renderer: join(built, 'renderer'),
  icon
});
