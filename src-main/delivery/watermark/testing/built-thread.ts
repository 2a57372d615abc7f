import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../../../..');

/** The thread's program, built as the program is: Node 20 runs no TypeScript. Beside the packages, so that it finds them. */
export async function buildThread(): Promise<{ readonly path: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(root, 'node_modules/.letterlock-'));
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: 'src-main/entry/watermark.ts',
      outDir: folder,
      emptyOutDir: false,
      target: 'node20.18',
      rolldownOptions: { output: { entryFileNames: 'watermark.mjs' } }
    }
  });
  return { path: join(folder, 'watermark.mjs'), close: () => rm(folder, { recursive: true, force: true }) };
}
