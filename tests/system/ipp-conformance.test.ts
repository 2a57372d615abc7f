import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startPrinter } from '../../build/ippeveprinter.mjs';
import { LetterlockError } from '../../src-main/base/errors.ts';
import {
  capabilityNames,
  decodeCapabilities,
  encodeCapabilities,
  pickCapabilities
} from '../../src-main/ipp/capabilities.ts';
import { openPrinter } from '../../src-main/ipp/client.ts';
import { count, type Line, suitesVersion } from '../conformance/ipptool.ts';
import { partial, passing, type Run, report, runAll } from '../conformance/report.ts';
import { needs } from '../support/needs.ts';

/** The conformance suites that come with CUPS. What `npm run conformance` writes down is what this sees. */
describe.runIf(needs('ipptool'))('ipptool', () => {
  let results: Map<Run, Line[]>;
  beforeAll(async () => {
    results = await runAll([...passing, ...partial]);
  });
  const linesOf = (run: Run): Line[] => results.get(run) ?? [];

  it.each(passing)('$name as IPP $version over $scheme, $behind: no failure', (run) => {
    expect(linesOf(run).filter(({ outcome }) => outcome === 'FAIL')).toEqual([]);
    expect(count(linesOf(run), 'PASS')).toBeGreaterThan(30);
  });

  it.each(partial)('$name fails in nothing but what was left out', (run) => {
    const failed = linesOf(run).filter(({ outcome }) => outcome === 'FAIL');
    expect(
      failed.map(({ name }) => name).filter((name) => !/section 6\.[34] - Required Printer Desc/.test(name))
    ).toEqual([]);
    expect(count(linesOf(run), 'PASS')).toBeGreaterThan(30);
  });

  it('docs/conformance.md is up to date', async ({ skip }) => {
    const written = await readFile(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8');
    const version = suitesVersion();
    if (!written.includes(version)) skip(`docs/conformance.md is about other suites than ${version}`);
    expect(report(results, version), 'run `npm run conformance`').toBe(written);
  });

  it('is not blind: a printer that takes no jobs fails the suite', async () => {
    const [run] = passing;
    if (!run) throw new Error('no suite');
    const refused = await runAll([run], { refusal: new LetterlockError('not-paired') });
    expect(count(refused.get(run) ?? [], 'FAIL')).toBeGreaterThan(0);
  });
});

describe.runIf(needs('ipptool', 'ippeveprinter'))('with a real printer behind it', () => {
  it('offers what that says of itself, and conforms', async () => {
    const real = await startPrinter();
    const client = openPrinter({ uri: real.uri, pin: real.certificateSha256, signal: AbortSignal.timeout(30_000) });
    const said = await client.getPrinterAttributes(...capabilityNames).finally(real.close);
    const printers = [decodeCapabilities(encodeCapabilities(pickCapabilities(said)))];
    const [lines = []] = (await runAll(passing.slice(-1), { printers })).values();
    expect(lines.filter(({ outcome }) => outcome === 'FAIL')).toEqual([]);
    expect(count(lines, 'PASS')).toBeGreaterThan(130);
  });
});
