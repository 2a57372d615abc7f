import { readFile } from 'node:fs/promises';
import { LetterlockError } from '../base/errors.ts';

/**
 * A secret from where a command line may take one: `-` is standard input, `@file` a file. Never the argument itself, which
 * every user of the machine could read in the process list.
 */
export async function readSecret(option: string | undefined, name: string): Promise<string> {
  if (option === '-') return firstLine(await readStandardInput());
  if (option?.startsWith('@')) return firstLine(await readFile(option.slice(1), 'utf8'));
  throw new LetterlockError('input-invalid', `--${name}: give "-" to read it from standard input, or @FILE`);
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (chunk.includes(10)) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

const firstLine = (text: string) => text.split(/\r?\n/, 1)[0]?.trim() ?? '';
