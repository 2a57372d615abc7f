import { LetterlockError } from '../base/errors.ts';

/** Which part of a blob a PUT brings: from `first` to the end of `size` bytes. RFC 9110 sections 14.4 and 14.5. */
export interface ContentRange {
  readonly first: number;
  readonly size: number;
}

/** `bytes <first>-<size - 1>/<size>` */
export const contentRange = ({ first, size }: ContentRange): string => `bytes ${first}-${size - 1}/${size}`;

/** Undefined without the header. Throws `input-invalid` for anything but the rest of a blob of known size. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  if (header === undefined) return undefined;
  const [, first, last, size] = (/^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header) ?? []).map(Number);
  if (first === undefined || last === undefined || size === undefined || first > last || last !== size - 1)
    throw new LetterlockError('input-invalid', 'content-range');
  return { first, size };
}
