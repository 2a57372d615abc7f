import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { publicErrors } from '../../src-preload/contract/errors.ts';
import { startTestPrinter, type TestPrinter } from '../../tests/support/test-printer.ts';
import { startControlServer } from '../app/control-server.ts';
import type { Dispatch } from '../app/dispatch.ts';
import { createEventBus } from '../app/events.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { openPrinter } from '../ipp/client.ts';
import { PolicyRefused } from '../protocol/policy.ts';
import { createProgram } from './program.ts';
import { reportAndExit } from './report.ts';

let folder: string;
let printer: TestPrinter;
let control: { close(): Promise<void> };
let shown: string;
const uri = () => `ipp://127.0.0.1:${printer.port}/ipp/print`;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-submit-'));
  printer = await startTestPrinter();
  const value = { virtualPrinter: { uri: uri() } };
  const dispatch = (async () => ({ ok: true, value })) as unknown as Dispatch;
  await mkdir(roleFolder(folder, 'client'));
  control = await startControlServer(roleFolder(folder, 'client'), dispatch, createEventBus());
  shown = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await Promise.all([control.close(), printer.close()]);
  await rm(folder, { recursive: true });
});

/** What the person sees who submits a document; nothing else. */
async function submit(): Promise<string> {
  const file = join(folder, 'letter.pdf');
  await writeFile(file, '%PDF-1.7');
  await createProgram({} as never)
    .parseAsync(['--data', folder, 'submit', file], { from: 'user' })
    .catch(reportAndExit);
  return shown;
}

const refusals = [
  new PolicyRefused('print', {
    rule: 'no-colour-at-night',
    words: 'Colour only from 8 to 18 o’clock',
    version: 12
  } as never),
  new LetterlockError('storage-full'),
  new LetterlockError('internal', undefined, { cause: new Error('private') })
];
test.each(refusals)('shows code, rule and words of a refusal: %s', async (error) => {
  const { message, next, exit } = publicErrors[error.code];
  const whole = `letterlock: ${error.code}: ${message}${error.detail ? ` (${error.detail})` : ''}\n  ${next}\n`;
  printer.control.refusal = error;
  expect(await submit()).toBe(whole);
  expect(process.exitCode).toBe(exit);
  // The same when it comes in the middle of a document.
  printer.control.refusal = null;
  printer.control.onChunk = async () => {
    throw error;
  };
  shown = '';
  expect(await submit()).toBe(whole);
});

test('a refusal of the protocol is shown in the words of the printer', async () => {
  const strict = openPrinter({ uri: uri(), plainAllowed: true, own: true, signal: new AbortController().signal });
  await expect(strict.getJobAttributes(4711)).rejects.toMatchObject({
    code: 'printer-refused',
    detail: expect.stringMatching(/^client-error-not-found/)
  });
});

test('another printer’s words go nowhere', async () => {
  printer.control.refusal = refusals[0] ?? null;
  const foreign = openPrinter({ uri: uri(), plainAllowed: true, signal: new AbortController().signal });
  const print = foreign.printJob({ operation: [] }, [Buffer.from('%PDF-1.7')] as never);
  await expect(print).rejects.toMatchObject({ code: 'printer-refused', detail: 'client-error-not-authorized' });
});
