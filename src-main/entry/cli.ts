#!/usr/bin/env node
import { join } from 'node:path';
import { createProgram } from '../cli/program.ts';
import { reportAndExit } from '../cli/report.ts';

/** `letterlock`: headless roles, IT staging, scripts. Plain Node; the same engine as the windows. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // whoever read has heard enough: `letterlock … | head`
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
createProgram({
  pagesDir: join(import.meta.dirname, '../renderer'),
  stampThread: join(import.meta.dirname, 'watermark.js')
})
  .parseAsync()
  .catch(reportAndExit);
