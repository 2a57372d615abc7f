import type { IntakeReport } from './intake.ts';

export interface Row {
  readonly size: number;
  readonly replicas: number;
  readonly what: 'submit' | 'release';
  readonly seconds: number;
  /** Baseline seconds divided by ours. */
  readonly toAes: number;
  readonly toTls: number;
  readonly toCups: number | null;
}

interface Report {
  readonly cores: number;
  readonly node: string;
  readonly aesToSha256: number;
  readonly peakMemory: Record<string, number>;
  readonly rows: readonly Row[];
  readonly intake: IntakeReport | null;
}

/** For people. Ratios above 1: faster than the baseline. */
export function printTable({ cores, node, rows, aesToSha256, peakMemory }: Report): void {
  const ratio = (value: number | null) => (value === null ? '-' : value.toFixed(2)).padStart(8);
  console.log(
    `${cores} cores, Node ${node}; SHA-256 takes ${aesToSha256.toFixed(1)} times as long as AES-256-GCM here`
  );
  console.log('   size  replicas  what      seconds   to AES   to TLS  to CUPS');
  for (const row of rows) {
    console.log(
      `${String(row.size).padStart(5)} MB  ${String(row.replicas).padStart(8)}  ${row.what.padEnd(8)}  ${row.seconds.toFixed(3).padStart(7)} ${ratio(row.toAes)} ${ratio(row.toTls)} ${ratio(row.toCups)}`
    );
  }
  console.log(
    `peak memory: ${Object.entries(peakMemory)
      .map(([name, mb]) => `${name} ${mb} MB`)
      .join(', ')}`
  );
}

/** For people, as above. */
export function printIntake({ requests, rows }: IntakeReport): void {
  const per = (rate: number | null) => (rate === null ? '-' : rate.toFixed(0));
  console.log('Get-Printer-Attributes, answers per second:');
  console.log(
    `  letterlock ${per(requests.letterlock)}, ippeveprinter ${per(requests.ippeveprinter)}, CUPS ${per(requests.cups)}`
  );
  console.log('document  transport  seconds  to ippeveprinter  to CUPS');
  for (const { document, transport, seconds, toIppeveprinter, toCups } of rows) {
    console.log(
      `${document.padStart(8)}  ${transport.padEnd(9)}  ${seconds.toFixed(3).padStart(7)}  ${toIppeveprinter.toFixed(2).padStart(16)}  ${(toCups?.toFixed(2) ?? '-').padStart(7)}`
    );
  }
}
