import { execFileSync, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** One of the suites that come with CUPS, and how it is run. */
export interface Suite {
  name: 'ipp-1.1' | 'ipp-2.0' | 'ipp-2.1' | 'ipp-2.2' | 'ipp-everywhere';
  /** IPP version of the requests. */
  version: string;
  scheme: 'ipp' | 'ipps';
}

export type Outcome = 'PASS' | 'FAIL' | 'SKIP';
export interface Line {
  name: string;
  outcome: Outcome;
  /** Expectations of a test that were not met. */
  unmet: string[];
}

/** Runs a suite and reads its lines: ipptool's exit status says nothing about included suites. */
export async function runSuite({ name, version, scheme }: Suite, printerUri: string, folder: string): Promise<Line[]> {
  const uri = printerUri.replace(/^ipp:/, `${scheme}:`).replace('127.0.0.1', 'localhost');
  const args = ['-t', '-I', '-V', version, '-f', 'document-a4.pdf', uri, `${name}.test`];
  const child = spawn('ipptool', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  return readLines(await text(child.stdout));
}

/** 'CUPS v2.4.2' */
export const suitesVersion = (): string => execFileSync('ipptool', ['--version'], { encoding: 'utf8' }).trim();

export function readLines(output: string): Line[] {
  const lines: Line[] = [];
  for (const row of output.split('\n')) {
    const [, name, outcome] = /^ {4}(\S.*?) +\[(PASS|FAIL|SKIP)\]$/.exec(row) ?? [];
    const [, expected] = /^ {8}EXPECTED: (.*)$/.exec(row) ?? [];
    if (name !== undefined) lines.push({ name, outcome: outcome as Outcome, unmet: [] });
    else if (expected !== undefined) lines.at(-1)?.unmet.push(expected);
  }
  return lines;
}

export const count = (lines: readonly Line[], outcome: Outcome): number =>
  lines.filter((line) => line.outcome === outcome).length;
