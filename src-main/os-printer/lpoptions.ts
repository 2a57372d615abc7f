import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import type { OsPrinter } from './port.ts';
import type { RunTool } from './run-tool.ts';

/**
 * A user's default printer in CUPS, on Linux and macOS: a line in ~/.cups/lpoptions. `lpoptions` can write it but not take it
 * back, so forgetting a queue is done here.
 */
export function userDefault(runTool: RunTool, home: string): Pick<OsPrinter, 'makeDefault' | 'forgetDefault'> {
  const file = join(home, '.cups', 'lpoptions');
  return {
    async makeDefault(name) {
      const { code } = await runTool('lpoptions', ['-d', name]);
      if (code !== 0) throw new LetterlockError('print-system-refused', 'lpoptions');
    },
    async forgetDefault(name) {
      const text = await readFile(file, 'utf8').catch(() => '');
      const kept = text.split('\n').filter((line) => line && !isAbout(line, name));
      if (kept.length > 0) await writeFileAtomic(file, utf8(`${kept.join('\n')}\n`), { mode: 0o644 });
      else await rm(file, { force: true });
    }
  };
}

/** `Default NAME option=value…` or `Dest NAME/instance …`. */
function isAbout(line: string, name: string): boolean {
  const [kind = '', queue = ''] = line.split(/\s+/);
  return /^(default|dest)$/i.test(kind) && queue.split('/', 1)[0] === name;
}
