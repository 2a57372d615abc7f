#!/usr/bin/env node
/** `npm run bench:membership -- detect|loss|cost|idle NODES [SEEDS [FIRST SEED]]`: see bench/membership.ts. */
import { runnerImport } from 'vite';

const { module } = await runnerImport(new URL('../bench/membership.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error'
});
await module.membership(process.argv.slice(2));
process.exit();
