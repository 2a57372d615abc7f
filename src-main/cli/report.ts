import { CommanderError } from 'commander';
import { publicErrors } from '../../src-preload/contract/index.ts';
import { asLetterlockError } from '../base/errors.ts';

/** Results: standard output, as JSON on one line or as given for people. */
export function print(value: unknown, json: boolean, forPeople: (value: never) => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : forPeople(value as never)}\n`);
}

/** Problems: standard error, with the stable code, what happened and what to do; the exit code says which kind it was. */
export function reportAndExit(thrown: unknown): void {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    return;
  }
  const error = asLetterlockError(thrown);
  const { message, next, exit } = publicErrors[error.code];
  process.stderr.write(`letterlock: ${error.code}: ${message}${error.detail ? ` (${error.detail})` : ''}\n  ${next}\n`);
  if (error.code === 'internal' && error.cause instanceof Error) process.stderr.write(`  ${error.cause.stack}\n`);
  process.exitCode = exit;
}

/** Rows as aligned columns; an empty list says so. */
export function table(columns: readonly string[], rows: readonly (readonly unknown[])[], empty: string): string {
  if (!rows.length) return empty;
  const cells = [columns, ...rows.map((row) => row.map((cell) => String(cell ?? '')))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n');
}
