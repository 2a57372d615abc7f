import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { type PrinterServerOptions, startPrinterServer } from '../../src-main/ipp/printer-server.ts';
import { createMemoryIntake } from './memory-intake.ts';

/** The virtual printer over an intake that only digests what it gets. */
export async function startTestPrinter(options: Partial<PrinterServerOptions> = {}) {
  const memory = createMemoryIntake();
  const server = await startPrinterServer({
    port: 0,
    host: '127.0.0.1',
    uuid: randomUUID(),
    name: 'Letterlock',
    intake: memory.intake,
    logger: silentLogger,
    clock: systemClock,
    ...options
  });
  return { ...memory, ...server };
}
export type TestPrinter = Awaited<ReturnType<typeof startTestPrinter>>;
