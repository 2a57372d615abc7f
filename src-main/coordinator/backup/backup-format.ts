import { z } from 'zod';
import { OrganizationId } from '../../../src-preload/contract/index.ts';
import type { Cell, CopiedRow } from '../store.ts';

/**
 * What is in a backup: JSON lines. The head, then the files beside the database, then the rows of the database, then the end with
 * their number. Whoever can read it has every key of the organization.
 */
export const BackupHead = z.strictObject({
  backup: z.literal(1),
  id: z.uuid(),
  created: z.iso.datetime(),
  organization: z.object({ id: OrganizationId, name: z.string() }),
  /** Of the database. */
  schema: z.number().int().positive()
});
export type BackupHead = z.infer<typeof BackupHead>;

/** In the data folder, and nowhere else. */
const FileName = z.string().regex(/^(keys\/[a-z0-9][a-z0-9.-]*|ports\.json)$/);
const BackupFile = z.strictObject({ file: FileName, bytes: z.base64() });

const BytesCell = z.object({ bytes: z.base64() });
const BackupRow = z.strictObject({
  table: z.string(),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null(), BytesCell]))
});

const BackupEnd = z.strictObject({ end: z.number().int() });

export const BackupLine = z.union([BackupHead, BackupFile, BackupRow, BackupEnd]);
export type BackupLine = z.infer<typeof BackupLine>;

export const rowLine = ({ table, row }: CopiedRow): z.infer<typeof BackupRow> => ({
  table,
  row: Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [
      name,
      cell instanceof Uint8Array ? { bytes: Buffer.from(cell).toString('base64') } : cell
    ])
  )
});

export const copiedRow = ({ table, row }: z.infer<typeof BackupRow>): CopiedRow => ({
  table,
  row: Object.fromEntries(
    Object.entries(row).map(([name, cell]): [string, Cell] => [
      name,
      typeof cell === 'object' && cell !== null ? new Uint8Array(Buffer.from(cell.bytes, 'base64')) : cell
    ])
  )
});
