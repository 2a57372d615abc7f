import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import type { AuditRecord } from '../store.ts';
import type { AuditRow } from './chain.ts';

/** A row as it is hashed and shown. What is not readable is shown empty; then its hash does not fit. */
export function rowOf({ time, detail, ...record }: AuditRecord): AuditRow {
  const fields = Fields.safeParse(parsedOrNothing(detail));
  return { ...record, time: isoTime(time), detail: fields.success ? fields.data : {} };
}

/** JSON text of the database, which somebody may have changed. */
export function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const Fields = z.record(z.string(), z.unknown());
