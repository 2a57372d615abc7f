#!/usr/bin/env node
/** `npm run fuzz -- [--requests 100000] [--seed 1]`: see tests/fuzz/run.ts. */
import { runnerImport } from 'vite';

const { module } = await runnerImport(new URL('../tests/fuzz/run.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error'
});
process.exitCode = await module.run(process.argv.slice(2));
