#!/usr/bin/env node
/** `npm run bench -- [--json] [--sizes 1,100,1024] [--replicas 1,2,3]`: see bench/run.ts. */
import { runnerImport } from 'vite';
import { buildIfChanged, setup } from './setup.mjs';

await setup();
buildIfChanged();
const { module } = await runnerImport(new URL('../bench/run.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error'
});
process.exitCode = await module.bench(process.argv.slice(2));
