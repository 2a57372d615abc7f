#!/usr/bin/env node
/**
 * `npm test`: sets everything up, then runs every kind of test, cheapest first, and adds up what the runners counted.
 * The last line is the true sum: `N passed, N failed, N skipped`. Lint and types count as one test each.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged, npm, setup } from './setup.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const results = fs.mkdtempSync(path.join(os.tmpdir(), 'letterlock-results-'));
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  await setup();
  check('format and lint', npm('exec', '--', 'biome', 'ci', '.'));
  check('types', npm('run', 'typecheck'));
  vitest('unit tests and vectors', 'unit');
  vectorsUnderElectron();
  buildIfChanged();
  vitest('system tests: real processes, CUPS, ippeveprinter', 'system');
  playwright('windows, unpackaged', []);
  check('package', npm('run', 'package', '--', '--e2e'));
  playwright('windows, packaged', ['--packaged']);
} catch (error) {
  console.error(error.message);
  total.failed++;
} finally {
  fs.rmSync(results, { recursive: true, force: true });
}
process.exitCode = total.failed || !total.passed ? 1 : 0;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

function heading(name) {
  console.log(`\n── ${name}`);
}

function run([command, ...args], env = {}) {
  return spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env }
  }).status;
}

function check(name, command) {
  heading(name);
  const passed = run(command) === 0;
  add(name, { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });
}

function vitest(name, project) {
  heading(name);
  const file = path.join(results, `${project}.json`);
  const status = run(
    npm(
      'exec',
      '--',
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${file}`
    )
  );
  add(name, vitestCounts(file), status);
}

/** The shipped runtime's crypto library is another one (BoringSSL): the same vectors must hold there. */
function vectorsUnderElectron() {
  const name = "vectors under Electron's runtime";
  heading(name);
  const file = path.join(results, 'electron.json');
  const electron = path.join(root, 'node_modules', 'electron', 'dist', 'electron');
  const entry = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const command = [
    electron,
    entry,
    'run',
    '--project',
    'unit',
    'tests/vectors',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${file}`
  ];
  add(name, vitestCounts(file, run(command, { ELECTRON_RUN_AS_NODE: '1' })));
}

function playwright(name, args) {
  heading(name);
  const file = path.join(results, `e2e${args.join('')}.json`);
  const status = run([process.execPath, 'build/e2e.mjs', ...args, '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: file
  });
  const stats = readJson(file)?.stats;
  add(
    name,
    stats && { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped },
    status
  );
}

function vitestCounts(file) {
  const report = readJson(file);
  if (!report) return undefined;
  // A file that fails to load has no test to count: it is one failure.
  const broken = report.testResults.filter((one) => one.status === 'failed' && !one.assertionResults.length).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests
  };
}

/** A runner that left no report, or failed without counting a failure, is a failure itself. */
function add(name, counts = { passed: 0, failed: 1, skipped: 0 }, status = 0) {
  const failed = counts.failed || (status === 0 ? 0 : 1);
  console.log(`${name}: ${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
  total.passed += counts.passed;
  total.failed += failed;
  total.skipped += counts.skipped;
}

function readJson(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}
