#!/usr/bin/env node
/**
 * `npm run conformance`: runs the conformance suites of CUPS against the virtual printer and writes docs/conformance.md. It fails
 * where a suite that must pass does not, and where a line is skipped or not met that nobody has explained.
 */
import { writeFile } from 'node:fs/promises';
import { runnerImport } from 'vite';
import { setup, which } from './setup.mjs';

await setup();
if (!which('ipptool')) throw new Error('ipptool is missing: `npm run setup` says how to get it');
const { module } = await runnerImport(new URL('../tests/conformance/report.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error'
});
const { passing, partial, runAll, row, report, suitesVersion } = module;
const results = await runAll([...passing, ...partial], { onRun: (run, lines) => console.log(row(run, lines)) });
await writeFile(new URL('../docs/conformance.md', import.meta.url), report(results, suitesVersion()));
const failed = passing.flatMap((run) => results.get(run).filter(({ outcome }) => outcome === 'FAIL'));
for (const { name, unmet } of failed) console.error(`${name}: ${unmet.join('; ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
