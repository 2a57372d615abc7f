import type { PrintTerms } from '../../protocol/print-terms.ts';

/** What is stamped on every page, and where. */
export type Mark = Pick<NonNullable<PrintTerms['watermark']>, 'text' | 'place'>;

/** One document that is to be stamped. */
export interface StampOrder {
  readonly format: 'application/pdf' | 'image/jpeg';
  /** All of it, in a buffer of its own: it is given away. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mark: Mark;
  /** Width and height of the sheet that a picture is put on, in points. */
  readonly sheet: Size;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A PDF file with the mark on every page, or why there is none. Rejects with the signal's reason. */
export type Stamp = (order: StampOrder, signal: AbortSignal) => Promise<Stamped>;
export type Stamped = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly refused: Unstampable };

/** `demanding`: it takes more memory or time than it may. */
export type Unstampable = 'encrypted' | 'broken' | 'demanding';
