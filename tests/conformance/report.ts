import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LetterlockError } from '../../src-main/base/errors.ts';
import type { Printers } from '../../src-main/ipp/union.ts';
import { selfSigned } from '../support/certificates.ts';
import { startTestPrinter } from '../support/test-printer.ts';
import { fullPrinter } from './full-printer.ts';
import { count, type Line, runSuite, type Suite } from './ipptool.ts';
import * as reasons from './reasons.ts';
import { writeSamples } from './samples.ts';

export { suitesVersion } from './ipptool.ts';

export interface Run extends Suite {
  /** What stands behind the virtual printer. */
  behind: 'no printer known' | 'a printer that takes all';
}

/** Without a failure. */
export const passing: readonly Run[] = [
  { name: 'ipp-1.1', version: '1.1', scheme: 'ipp', behind: 'no printer known' },
  { name: 'ipp-1.1', version: '1.1', scheme: 'ipps', behind: 'no printer known' },
  { name: 'ipp-2.0', version: '2.0', scheme: 'ipp', behind: 'no printer known' },
  { name: 'ipp-2.0', version: '2.0', scheme: 'ipps', behind: 'no printer known' },
  { name: 'ipp-everywhere', version: '2.0', scheme: 'ipp', behind: 'no printer known' },
  { name: 'ipp-everywhere', version: '2.0', scheme: 'ipps', behind: 'no printer known' },
  { name: 'ipp-everywhere', version: '2.0', scheme: 'ipp', behind: 'a printer that takes all' }
];
/** With failures that are right. */
export const partial: readonly Run[] = [
  { name: 'ipp-2.1', version: '2.1', scheme: 'ipp', behind: 'no printer known' },
  { name: 'ipp-2.2', version: '2.2', scheme: 'ipp', behind: 'no printer known' }
];

interface RunOptions {
  /** Why the virtual printer takes no jobs. */
  refusal?: LetterlockError | null;
  /** What stands behind it, other than the run says. */
  printers?: Printers;
  onRun?: (run: Run, lines: Line[]) => void;
}

/** Runs suites, each against a fresh virtual printer. */
export async function runAll(
  runs: readonly Run[],
  { refusal = null, printers, onRun }: RunOptions = {}
): Promise<Map<Run, Line[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-conformance-'));
  const results = new Map<Run, Line[]>();
  try {
    await writeSamples(folder);
    const tls = selfSigned();
    for (const run of runs) {
      const printer = await startTestPrinter({ tls });
      printer.control.refusal = refusal;
      printer.control.printers = printers ?? (run.behind === 'no printer known' ? [] : [fullPrinter]);
      const lines = await runSuite(run, printer.uri, folder).finally(() => printer.close());
      results.set(run, lines);
      onRun?.(run, lines);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return results;
}

/** The row of a run in the table of docs/conformance.md. */
export const row = ({ name, version, scheme, behind }: Run, lines: readonly Line[]): string =>
  `| ${name} | ${version} | ${scheme} | ${behind} | ${count(lines, 'PASS')} | ${count(lines, 'FAIL')} | ${count(lines, 'SKIP')} |`;

/** docs/conformance.md. Throws Error for a line that nobody has explained: there is none without a reason. */
export function report(results: ReadonlyMap<Run, readonly Line[]>, version: string): string {
  const all = [...results.values()].flat();
  const failed = all.filter(({ outcome }) => outcome === 'FAIL');
  return `# Conformance

The conformance suites of ${version} (\`ipptool\`), run against the virtual printer. This page is written by
\`npm run conformance\`; the reasons are kept in tests/conformance/reasons.ts. A line that has no reason there stops it.

| suite | IPP | scheme | behind it | passed | failed | skipped |
|---|---|---|---|---:|---:|---:|
${[...results].map(([run, lines]) => row(run, lines)).join('\n')}

\`ipp-versions-supported\` claims what passes: 1.1 and 2.0. The suites include each other: ipp-2.0 is ipp-1.1 and more, and so on.
\`ipptool\` exits with 0 although included tests fail, so lines are counted.

## What is skipped, and why

${skippedSection(all)}

## What of ipp-2.1 and ipp-2.2 is not met, and why that is right

ipp-2.1 asks for section 6.3 of PWG 5100.12, ipp-2.2 for 6.4 too. Everything else in them is there: holds, subscriptions and events,
the template and description attributes.

${[...new Set(failed.map(failedSection))].join('\n\n')}
`;
}

function skippedSection(lines: readonly Line[]): string {
  const names = [...new Set(lines.filter(({ outcome }) => outcome === 'SKIP').map(({ name }) => name))].sort();
  const unexplained = names.filter((name) => !reasons.skipped.some((reason) => reason.lines.test(name)));
  if (unexplained.length > 0) throw new Error(`skipped without a reason:\n${unexplained.join('\n')}`);
  return reasons.skipped
    .flatMap((reason) => {
      const own = names.filter((name) => reasons.skipped.find(({ lines }) => lines.test(name)) === reason);
      if (own.length === 0) return [];
      const shown = own.length > 12 ? [...own.slice(0, 3), `and ${own.length - 3} more of the kind`] : own;
      return [`${reason.why}\n\n${shown.map((name) => `- ${name}`).join('\n')}`];
    })
    .join('\n\n');
}

function failedSection({ name, unmet }: Line): string {
  const rows = unmet.map((expected) => {
    const why = reasons.unmet[expected];
    if (!why) throw new Error(`not met without a reason: ${expected}`);
    return `| \`${expected}\` | ${why} |`;
  });
  if (rows.length === 0) throw new Error(`failed, and ipptool does not say why: ${name}`);
  return `### ${name}\n\n| expected | why not |\n|---|---|\n${rows.join('\n')}`;
}
