import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AuditFilter } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { encodeLine, readLines } from '../../base/ndjson.ts';
import { decoded } from '../../identity/base64url.ts';
import { isIssuedBy, readDeviceCertificate } from '../../identity/device-certificate.ts';
import { keyDescriptor, keyDescriptorDigest } from '../../identity/key-descriptor.ts';
import { openStatement, type Signed } from '../../identity/signed-statement.ts';
import type { AuditCopy } from '../../protocol/audit.ts';
import { createReceiptCheck } from './erasure-receipts.ts';
import { ExportHeader, ExportLine, ExportPage } from './export-format.ts';
import { type AuditAuthority, type AuditVerifier, createAuditVerifier } from './verifier.ts';

/** What an export proved. `firstBroken`: the row at which it ends to hold; 0: nothing of it does. */
export interface ExportReport {
  readonly intact: boolean;
  readonly organization: ExportHeader['organization'] | null;
  /** `signing`: the key that everything is signed with, base64url. */
  readonly coordinator: { readonly id: string; readonly signing: string } | null;
  /** When the last page was made. */
  readonly exported: string | null;
  readonly filter: AuditFilter | null;
  /** Rows in the file, and the last one that it speaks of. */
  readonly rows: number;
  readonly upTo: number;
  readonly head: string;
  readonly signatures: number;
  /** Erasure receipts that their nodes signed; and of nodes whose approval is not in this file, so that nothing is known of them. */
  readonly receipts: number;
  readonly receiptsUnknown: number;
  /** Checkpoints kept elsewhere that speak of a row of this file. */
  readonly compared: number;
  readonly firstBroken: number | null;
  readonly reason: string | null;
}

/** What the reader knows from elsewhere; without it the file says itself who it is from. */
export interface ExportPin {
  readonly organization?: string | undefined;
  /** Raw Ed25519, base64url. */
  readonly signing?: string | undefined;
  readonly copy?: AuditCopy | undefined;
}

/**
 * Checks an export line by line, in constant memory, with nothing but itself and what is pinned. Never throws for what the
 * file says; only for a source that cannot be read.
 */
export async function verifyExport(source: AsyncIterable<Uint8Array>, pin: ExportPin = {}): Promise<ExportReport> {
  let header: ExportHeader | undefined;
  let verifier: AuditVerifier | undefined;
  let page: ExportPage | undefined;
  let wrong: string | null = null;
  let rows = 0;
  let digest = createHash('sha256');
  const receipts = createReceiptCheck();

  function begin(line: unknown): void {
    header = ExportHeader.parse(line);
    requirePinned(header, pin);
    verifier = createAuditVerifier(authorityOf(header), pin.copy?.checkpoints);
    digest.update(encodeLine(line));
  }
  function take(line: unknown, seen: { readonly header: ExportHeader; readonly verifier: AuditVerifier }) {
    const content = ExportLine.parse(line);
    if (page?.last) throw new Refused('something follows on the last page');
    if ('page' in content) return turn(content.page, seen);
    digest.update(encodeLine(line));
    if ('row' in content) {
      rows += 1;
      if (!receipts.row(content.row)) seen.verifier.fail('an erasure receipt is not signed by its node');
      seen.verifier.row(content.row);
    } else if ('skipped' in content) seen.verifier.skip(content.skipped.to, content.skipped.hash);
    else seen.verifier.checkpoint(content.checkpoint);
  }
  function turn(signed: Signed, seen: { readonly header: ExportHeader; readonly verifier: AuditVerifier }) {
    const next = openPage(signed, seen.header);
    if (next.sha256 !== digest.digest('hex')) throw new Refused('a page is not what was signed');
    if (next.first !== (page === undefined)) throw new Refused('a page is missing or was moved');
    if (page && (next.after !== page.to || JSON.stringify(next.filter) !== JSON.stringify(page.filter)))
      throw new Refused('a page is missing or was moved');
    requireCertificates(seen.header, next.at);
    // The page vouches for the file and not for the log: only checkpoints do that, which were made with the rows.
    if (!seen.verifier.reached(next.to, next.hash)) throw new Refused('a page is not what was signed');
    page = next;
    digest = createHash('sha256');
  }

  try {
    for await (const line of readLines(source)) {
      if (header && verifier) take(line, { header, verifier });
      else begin(line);
    }
    if (!page?.last) throw new Refused('the file ends before its last page');
  } catch (error) {
    wrong = reasonOf(error);
  }

  if (wrong !== null) verifier?.fail(wrong);
  const compared = verifier?.compared() ?? 0;
  if (pin.copy?.checkpoints.length && compared === 0) verifier?.fail('the copy speaks of no row of this file');
  const report = verifier?.report(page?.at);
  return {
    intact: report?.intact ?? false,
    organization: header?.organization ?? null,
    coordinator: header ? { id: header.coordinator.id, signing: header.coordinator.signing } : null,
    exported: page?.at ?? null,
    filter: page?.filter ?? null,
    rows,
    upTo: report?.rows ?? 0,
    head: report?.head ?? '',
    signatures: report?.signatures ?? 0,
    receipts: receipts.verified,
    receiptsUnknown: receipts.unknown,
    compared,
    firstBroken: report ? report.firstBroken : 0,
    reason: report ? report.reason : wrong
  };
}

class Refused extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  if (error instanceof LetterlockError && error.code === 'upload-truncated') return 'the file is cut off in a line';
  if (error instanceof LetterlockError && error.code === 'audit-broken')
    return 'a page is not signed by this coordinator';
  if (error instanceof LetterlockError || error instanceof z.ZodError) return 'a line is none of an export';
  throw error;
}

function requirePinned({ organization, coordinator }: ExportHeader, { copy, ...pin }: ExportPin): void {
  const organizations = [pin.organization, copy?.organization].filter((id) => id !== undefined);
  const keys = [pin.signing, copy?.coordinator.signing].filter((key) => key !== undefined);
  if (organizations.some((id) => id !== organization.id)) throw new Refused('an export of another organization');
  if (keys.some((key) => key !== coordinator.signing)) throw new Refused('signed with another key than the pinned one');
}

/** The authority's certificate vouches for the coordinator's, and that one for the keys. */
function requireCertificates(
  { organization, coordinator, certificates: [own, authority] }: ExportHeader,
  at: string
): void {
  const named = readDeviceCertificate(own);
  const keys = { signing: decoded(coordinator.signing), sealing: decoded(coordinator.sealing) };
  const right =
    isIssuedBy(own, authority, Date.parse(at)) &&
    named.organization === organization.id &&
    named.device === coordinator.id &&
    named.descriptorSha256 === keyDescriptorDigest(keyDescriptor(keys));
  if (!right) throw new Refused('the certificates do not belong to this coordinator');
}

function openPage(signed: Signed, header: ExportHeader): ExportPage {
  const { organization, coordinator } = authorityOf(header);
  const page = openStatement({
    kind: 'audit-page',
    signed,
    publicKey: coordinator.signing,
    schema: ExportPage,
    maxBytes: 4096,
    code: 'audit-broken'
  });
  if (page.organization !== organization || signed.signer !== coordinator.id)
    throw new Refused('a page is not signed by this coordinator');
  return page;
}

const authorityOf = ({ organization, coordinator }: ExportHeader): AuditAuthority => ({
  organization: organization.id,
  coordinator: { id: coordinator.id, signing: decoded(coordinator.signing) }
});
