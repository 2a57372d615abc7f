import { type AuditRow, canonicalDetail } from './chain.ts';

/**
 * Rows for a spreadsheet (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it: names in the log
 * are chosen by those who are logged.
 */
export const csvHead = 'sequence,time,actor,action,subject,detail,hash\r\n';

export const csvRow = ({ sequence, time, actor, action, subject, detail, hash }: AuditRow): string =>
  `${[String(sequence), time, actor, action, subject, canonicalDetail(detail), hash].map(cell).join(',')}\r\n`;

/** Also after blanks, and full-width signs, which some programs take for the usual ones. */
const formula = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/u;

const cell = (text: string): string => `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
