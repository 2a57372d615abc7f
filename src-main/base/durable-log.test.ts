import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { openDurableLog } from './durable-log.ts';

const Line = z.object({ n: z.int() });
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-log-'));
  path = join(folder, 'log.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const numbers = async () => {
  let seen: number[] = [];
  const log = await openDurableLog(path, Line, (lines) => {
    seen = lines.map(({ n }) => n);
    return lines;
  });
  return { log, seen };
};

it('keeps lines in the order of the calls, over a restart', async () => {
  const { log } = await numbers();
  await Promise.all([1, 2, 3].map((n) => log.append({ n })));
  await log.close();
  const again = await numbers();
  expect(again.seen).toEqual([1, 2, 3]);
  await again.log.close();
});

it('loses no later line to one that was cut off', async () => {
  const { log } = await numbers();
  await log.append({ n: 1 });
  await appendFile(path, '{"n":');
  await log.append({ n: 2 });
  await log.close();
  const again = await numbers();
  expect(again.seen).toEqual([1, 2]);
  await again.log.close();
});

it('writes in its place what is to be kept', async () => {
  const { log } = await numbers();
  for (const n of [1, 2, 3]) await log.append({ n });
  await log.close();
  await (await openDurableLog(path, Line, (lines) => lines.filter(({ n }) => n > 1))).close();
  expect(await readFile(path, 'utf8')).toBe('{"n":2}\n{"n":3}\n');
});
