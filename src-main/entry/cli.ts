#!/usr/bin/env node
import { join } from 'node:path';
import { createProgram } from '../cli/program.ts';
import { reportAndExit } from '../cli/report.ts';

/** `letterlock`: headless roles, IT staging, scripts. Plain Node; the same engine as the windows. */
createProgram({ pagesDir: join(import.meta.dirname, '../renderer') })
  .parseAsync()
  .catch(reportAndExit);
