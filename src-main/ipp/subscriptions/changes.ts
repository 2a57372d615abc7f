import { isDeepStrictEqual } from 'node:util';
import { isFinal } from '../job-state.ts';
import type { IppAttribute } from '../message.ts';
import type { IntakeJob, PrinterState, PrintIntake } from '../port.ts';
import type { EventName } from './events.ts';

/** Something that happened, with what it happened to as it was then. */
export type PrinterEvent = { name: EventName } & (
  | { job: IntakeJob; printer?: never }
  | { job?: never; printer: PrinterState & { accepting: boolean } }
);

export type WatchedIntake = Pick<PrintIntake, 'jobs' | 'printerState' | 'printers' | 'refusal' | 'onChange'>;

/**
 * Tells events from the differences between two looks at the intake: whatever happened in between becomes one event for each
 * job, and one for the printer. A job that is gone is no event (RFC 3995 section 5.3.3.4.3).
 */
export function createChanges(intake: WatchedIntake): () => PrinterEvent[] {
  let before = look(intake);
  return () => {
    const now = look(intake);
    const events = [...jobEvents(before, now), ...printerEvents(before, now)];
    before = now;
    return events;
  };
}

interface Look {
  jobs: ReadonlyMap<IntakeJob['id'], IntakeJob>;
  printer: PrinterState & { accepting: boolean };
  printers: readonly (readonly IppAttribute[])[];
}

/** Copies: the intake may hand out objects that it goes on changing. */
const look = (intake: WatchedIntake): Look => ({
  jobs: new Map(intake.jobs().map((job) => [job.id, { ...job, reasons: [...job.reasons] }])),
  printer: { ...intake.printerState(), accepting: intake.refusal() === null },
  printers: intake.printers()
});

function jobEvents(before: Look, now: Look): PrinterEvent[] {
  return [...now.jobs.values()].reverse().flatMap((job): PrinterEvent[] => {
    const was = before.jobs.get(job.id);
    if (!was) return [{ name: 'job-created', job }, ...(isFinal(job) ? [{ name: 'job-completed' as const, job }] : [])];
    if (isDeepStrictEqual([job.state, job.reasons], [was.state, was.reasons])) return [];
    if (isFinal(job) && !isFinal(was)) return [{ name: 'job-completed', job }];
    const stopped = job.state === 'processing-stopped' && was.state !== job.state;
    return [{ name: stopped ? 'job-stopped' : 'job-state-changed', job }];
  });
}

function printerEvents({ printer: was, printers }: Look, { printer, ...now }: Look): PrinterEvent[] {
  const events: PrinterEvent[] = [];
  if (
    !isDeepStrictEqual([was.state, was.reasons, was.accepting], [printer.state, printer.reasons, printer.accepting])
  ) {
    const stopped = printer.state === 'stopped' && was.state !== 'stopped';
    events.push({ name: stopped ? 'printer-stopped' : 'printer-state-changed', printer });
  }
  if (printers !== now.printers && !isDeepStrictEqual(printers, now.printers))
    events.push({ name: 'printer-config-changed', printer });
  return events;
}
