import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readJson, writeFileAtomic, writeJsonAtomic } from './atomic-file.ts';
import { utf8 } from './bytes.ts';

const folder = await mkdtemp(join(tmpdir(), 'letterlock-files-'));
afterAll(() => rm(folder, { recursive: true }));
const Shape = z.object({ n: z.number() });

test('what is written is read, is the owner’s alone, and leaves nothing beside it', async () => {
  const path = join(folder, 'value.json');
  expect(await readJson(path, Shape)).toBeNull();
  await writeJsonAtomic(path, { n: 1 });
  await writeJsonAtomic(path, { n: 2 });
  expect(await readJson(path, Shape)).toEqual({ n: 2 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).filter((name) => name.startsWith('value'))).toEqual(['value.json']);
});

test('writers at the same time leave one whole file', async () => {
  const path = join(folder, 'race');
  const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(50_000));
  await Promise.all(texts.map((text) => writeFileAtomic(path, utf8(text))));
  expect(texts).toContain(await readFile(path, 'utf8'));
});

test('a failed write keeps the old file and leaves no temporary one', async () => {
  const target = join(folder, 'target');
  await mkdir(join(target, 'in the way'), { recursive: true });
  await expect(writeFileAtomic(target, utf8('x'))).rejects.toThrow();
  await expect(writeFileAtomic(join(folder, 'missing', 'file'), utf8('x'))).rejects.toThrow('ENOENT');
  expect(await readdir(target)).toEqual(['in the way']);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a damaged file is reported and set aside, or left where it is', async () => {
  for (const text of ['', '{"n":1', '{"n":"1"}']) {
    const path = join(folder, 'damaged.json');
    await writeFile(path, text);
    await expect(readJson(path, Shape, { damaged: 'keep' })).rejects.toMatchObject({ code: 'storage-damaged' });
    expect(await readFile(path, 'utf8')).toBe(text);
    await expect(readJson(path, Shape)).rejects.toMatchObject({ code: 'storage-damaged' });
    expect(await readJson(path, Shape)).toBeNull();
  }
  expect((await readdir(folder)).filter((name) => name.endsWith('.damaged'))).toHaveLength(3);
});
