import { createHash } from 'node:crypto';
import type { AuditFilter } from '../../../src-preload/contract/index.ts';
import { toBase64url } from '../../base/bytes.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { encodeLine } from '../../base/ndjson.ts';
import { certificatesIn } from '../../identity/device-certificate.ts';
import { signStatement } from '../../identity/signed-statement.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import type { AuditTable, CoordinatorStore, Tables } from '../store.ts';
import type { AuditRow } from './chain.ts';
import { csvHead, csvRow } from './csv.ts';
import { type ExportHeader, type ExportLine, type ExportPage, exportVersion } from './export-format.ts';
import { parsedOrNothing, rowOf } from './records.ts';
import type { AuditSearch } from './tables.ts';

/** The log page by page, for a file that proves itself. Nothing is remembered between pages. */
export interface AuditExport {
  page(request: ExportRequest): Promise<ExportedPage>;
}
export interface ExportRequest {
  readonly format: 'jsonl' | 'csv';
  readonly filter: AuditFilter;
  /** Rows after this one. */
  readonly after: number;
  /** Whether the file begins here. */
  readonly first: boolean;
}
export interface ExportedPage {
  readonly text: string;
  /** Where the next page begins; null: the log ends here. */
  readonly next: number | null;
  readonly rows: number;
}

export function createAuditExport(options: {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly clock: Clock;
  readonly pageRows?: number;
}): AuditExport {
  const { store, identity, clock, pageRows = 500 } = options;

  async function header({ organization }: Tables): Promise<ExportHeader> {
    const name = (await organization.get())?.name ?? '';
    const { id, signing, sealing, tls, authority } = identity;
    return {
      audit: exportVersion,
      organization: { id: identity.organization, name },
      coordinator: { id, signing: toBase64url(signing.publicKey), sealing: toBase64url(sealing.publicKey) },
      certificates: [certificatesIn(tls.certificatePem)[0] ?? '', authority.certificatePem]
    };
  }

  return {
    page: ({ format, filter, after, first }) =>
      // One moment: checkpoints of before are gone when the next act has made its own.
      store.transaction(async (tables) => {
        const { audit } = tables;
        const head = await audit.last();
        if (!head || after > head.sequence) throw new LetterlockError('input-invalid', 'after: beyond the log');
        const rows = (await audit.find(searchOf(filter), { after, limit: pageRows })).map(rowOf);
        const last = rows.length < pageRows;
        const end = (last ? head : rows.at(-1)) ?? head;
        const next = last ? null : end.sequence;
        if (format === 'csv')
          return { text: `${first ? csvHead : ''}${rows.map(csvRow).join('')}`, next, rows: rows.length };

        const content = await pageLines(audit, rows, { after, first, to: end });
        const text = [...(first ? [await header(tables)] : []), ...content].map(encodeLine).join('');
        const page: ExportPage = {
          organization: identity.organization,
          first,
          last,
          after,
          to: end.sequence,
          hash: end.hash,
          filter: Object.keys(filter).length > 0 ? filter : null,
          sha256: createHash('sha256').update(text).digest('hex'),
          at: isoTime(clock.now())
        };
        const signed = await signStatement('audit-page', page, { id: identity.id, key: identity.signing });
        return { text: `${text}${encodeLine({ page: signed })}`, next, rows: rows.length };
      })
  };
}

/** Rows and checkpoints in their order; where rows are missing between them, what the next one follows on. */
async function pageLines(
  audit: AuditTable,
  rows: readonly AuditRow[],
  { after, first, to }: { after: number; first: boolean; to: { sequence: number; hash: string } }
): Promise<ExportLine[]> {
  const lines: ExportLine[] = [];
  let reached = first ? 0 : after;
  const stops = [after, ...rows.map(({ sequence }) => sequence - 1)];
  const hashes = await audit.hashes(stops.filter((stop, i) => stop > (rows[i - 2]?.sequence ?? reached)));
  const checkpoints = await audit.checkpoints(first ? after - 1 : after, to.sequence);
  const skipTo = (sequence: number, hash = '') => {
    if (sequence > reached) lines.push({ skipped: { to: sequence, hash } });
    reached = Math.max(reached, sequence);
  };
  const check = () => {
    while ((checkpoints[0]?.sequence ?? Number.POSITIVE_INFINITY) <= reached) {
      const checkpoint = checkpoints.shift();
      // Of a row that is not shown there is nothing to check.
      if (checkpoint?.sequence === reached)
        lines.push({ checkpoint: parsedOrNothing(checkpoint.signed) } as ExportLine);
    }
  };

  skipTo(after, hashes.get(after));
  check();
  for (const row of rows) {
    skipTo(row.sequence - 1, hashes.get(row.sequence - 1));
    lines.push({ row });
    reached = row.sequence;
    check();
  }
  skipTo(to.sequence, to.hash);
  check();
  return lines;
}

export const searchOf = ({ from, to, ...rest }: AuditFilter): AuditSearch => ({
  ...rest,
  from: from === undefined ? undefined : Date.parse(from),
  to: to === undefined ? undefined : Date.parse(to)
});
