import type { Output } from '../../src-preload/contract/index.ts';

/** What things are called, by their ids: for logs, which name only ids. */
export type Names = ReadonlyMap<string, string>;

export const namesOf = (
  ...lists: readonly (readonly { readonly id: string; readonly name: string }[] | undefined)[]
): Names => new Map(lists.flatMap((list) => (list ?? []).map(({ id, name }) => [id, name] as const)));

/** `device:<id>` becomes the device's name; what is not known stays as it is. */
export const readable = (text: string, names: Names): string => names.get(text.replace(/^\w+:/, '')) ?? text;

/** Detail of an audit row in one line, ids as names. */
export const detailLine = (detail: Output<'admin.audit.list'>[number]['detail'], names: Names): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? readable(value, names) : JSON.stringify(value)}`)
    .join(', ');
