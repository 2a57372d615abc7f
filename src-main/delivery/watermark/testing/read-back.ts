import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A word as somebody reads it: all from 0 to 1, from the top left of the page. */
export interface Word {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What another reader (Poppler) finds: for each page the words in its visible part. `lying`: its pages are turned by 90 degrees. */
export const wordsOf = (pdf: Uint8Array, lying = false): Promise<Word[][]> =>
  withFile(pdf, async (file) => {
    const { stdout } = await run('pdftotext', ['-bbox', '-cropbox', file, '-']);
    return stdout
      .split('<page ')
      .slice(1)
      .map((page) => {
        const number = (name: string, text: string) => Number(new RegExp(`${name}="([-\\d.]+)"`).exec(text)?.[1]);
        const size = [number('width', page), number('height', page)];
        const [width = 0, height = 0] = lying ? size.reverse() : size; // it gives the size before turning
        return [...page.matchAll(/<word (.*?)>(.*?)<\/word>/g)].map(([, box = '', text = '']) => ({
          text,
          left: number('xMin', box) / width,
          top: number('yMin', box) / height,
          right: number('xMax', box) / width,
          bottom: number('yMax', box) / height
        }));
      });
  });

/** How much of a part of the first page is not white, as it is printed. `from`, `to`: 0 to 1 from the top. */
export const inkOf = (pdf: Uint8Array, from: number, to: number): Promise<number> =>
  withFile(pdf, async (file, folder) => {
    await run('pdftoppm', ['-gray', '-r', '72', '-cropbox', '-singlefile', file, join(folder, 'page')]);
    const image = await readFile(join(folder, 'page.pgm'));
    const [header = '', width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(image.toString('latin1', 0, 64)) ?? [];
    const part = image.subarray(header.length).subarray(Number(width) * Math.floor(Number(height) * from));
    const length = Number(width) * Math.floor(Number(height) * (to - from));
    return part.subarray(0, length).filter((grey) => grey < 240).length / length;
  });

async function withFile<T>(pdf: Uint8Array, read: (file: string, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-pdf-'));
  try {
    const file = join(folder, 'file.pdf');
    await writeFile(file, pdf);
    return await read(file, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
