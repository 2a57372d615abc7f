import { open, readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';
import { utf8 } from './bytes.ts';
import { encodeLine } from './ndjson.ts';

/** A file of JSON lines that is only appended to; each line is on the disk before anybody relies on it. */
export interface DurableLog<Line> {
  /** Durable when it resolves. In the order of the calls. */
  append(line: Line): Promise<void>;
  /** Resolves when what was under way is done. */
  close(): Promise<void>;
}

/**
 * Reads what is whole (a line that a crash or a full disk cut off was never relied upon), writes what `keep` makes of it in its
 * place, and appends from then on.
 */
export async function openDurableLog<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  keep: (lines: z.output<Schema>[]) => readonly z.output<Schema>[]
): Promise<DurableLog<z.output<Schema>>> {
  await writeFileAtomic(
    path,
    utf8(
      keep(await readWhole(path, schema))
        .map(encodeLine)
        .join('')
    )
  );
  const file = await open(path, 'a');
  let last: Promise<unknown> = Promise.resolve();
  return {
    append(line) {
      const mine = last.then(async () => {
        // The line break comes first, so that a line that was cut off spoils no other.
        await file.write(`\n${encodeLine(line)}`);
        await file.datasync();
      });
      last = mine.catch(() => {});
      return mine;
    },
    async close() {
      await last;
      await file.close();
    }
  };
}

async function readWhole<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return [schema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
