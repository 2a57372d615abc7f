#!/usr/bin/env node
/** `npm run simulate`: see tests/simulation/run.ts. */
import { runnerImport } from 'vite';

const { module } = await runnerImport(new URL('../tests/simulation/run.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error'
});
process.exit((await module.simulate(process.argv.slice(2))) ? 0 : 1);
