import type { GroupTag, IppAttribute, IppMessage, IppValue, OutOfBandTag, TextTag } from './message.ts';
import { enumValue } from './registry.ts';

/** Short ways to write and to read attributes. Reading never throws: an attribute of another syntax counts as absent. */
export const attribute = (name: string, ...values: IppValue[]): IppAttribute => ({ name, values });

const texts =
  (tag: TextTag) =>
  (name: string, ...values: readonly string[]): IppAttribute => ({
    name,
    values: values.map((value) => ({ tag, value }))
  });
export const keyword = texts('keyword');
export const uri = texts('uri');
export const charset = texts('charset');
export const naturalLanguage = texts('naturalLanguage');
export const mimeMediaType = texts('mimeMediaType');

/** text(1023) and name(255) without language, cut to the length that RFC 8011 allows. */
export const textAttribute = (name: string, ...values: string[]): IppAttribute =>
  texts('textWithoutLanguage')(name, ...values.map((value) => cut(value, 1023)));
export const nameAttribute = (name: string, ...values: string[]): IppAttribute =>
  texts('nameWithoutLanguage')(name, ...values.map((value) => cut(value, 255)));

export const integer = (name: string, ...values: number[]): IppAttribute => ({
  name,
  values: values.map((value) => ({ tag: 'integer', value }))
});
export const boolean = (name: string, value: boolean): IppAttribute => attribute(name, { tag: 'boolean', value });
export const range = (name: string, lower: number, upper: number): IppAttribute =>
  attribute(name, { tag: 'rangeOfInteger', value: { lower, upper } });
export const resolutions = (name: string, ...dpi: number[]): IppAttribute => ({
  name,
  values: dpi.map((each) => ({ tag: 'resolution', value: { cross: each, feed: each, units: 3 } }))
});
export const outOfBand = (name: string, tag: OutOfBandTag): IppAttribute => attribute(name, { tag, value: null });
export const collections = (name: string, ...values: IppAttribute[][]): IppAttribute => ({
  name,
  values: values.map((value) => ({ tag: 'begCollection', value }))
});
export const octetStrings = (name: string, ...values: string[]): IppAttribute => ({
  name,
  values: values.map((value) => ({ tag: 'octetString', value: Buffer.from(value, 'utf8') }))
});
/** `enums('print-quality-supported', 'draft', 'normal')`: the registry knows the numbers. */
export const enums = (name: string, ...keywords: string[]): IppAttribute => ({
  name,
  values: keywords.map((each) => ({ tag: 'enum', value: enumValue(name, each) }))
});
/** `at` in milliseconds since the Unix epoch, written in UTC. */
export const dateTime = (name: string, at: number): IppAttribute =>
  attribute(name, { tag: 'dateTime', value: `${new Date(at).toISOString().slice(0, 21)}+00:00` });

/** The attributes of the first group with this tag. */
export const groupOf = (message: IppMessage, tag: GroupTag): IppAttribute[] =>
  message.groups.find((group) => group.tag === tag)?.attributes ?? [];

export const find = (attributes: readonly IppAttribute[], name: string): IppAttribute | undefined =>
  attributes.find((each) => each.name === name);

/** Every value that is text in the wide sense: text, name, keyword, uri, charset, language or MIME type. */
export const stringsOf = (attributes: readonly IppAttribute[], name: string): string[] =>
  (find(attributes, name)?.values ?? []).flatMap((each) => stringOf(each) ?? []);
export const firstString = (attributes: readonly IppAttribute[], name: string): string | undefined =>
  stringsOf(attributes, name)[0];

export const integersOf = (attributes: readonly IppAttribute[], name: string): number[] =>
  (find(attributes, name)?.values ?? []).flatMap((each) =>
    each.tag === 'integer' || each.tag === 'enum' ? each.value : []
  );
export const firstInteger = (attributes: readonly IppAttribute[], name: string): number | undefined =>
  integersOf(attributes, name)[0];

export function firstBoolean(attributes: readonly IppAttribute[], name: string): boolean | undefined {
  const value = find(attributes, name)?.values[0];
  return value?.tag === 'boolean' ? value.value : undefined;
}

function stringOf({ tag, value }: IppValue): string | undefined {
  if (typeof value === 'string') return tag === 'dateTime' ? undefined : value;
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : undefined;
}

/** The longest beginning of `value` that is at most `octets` of UTF-8 and whole characters. */
function cut(value: string, octets: number): string {
  const bytes = Buffer.from(value, 'utf8');
  return bytes.length <= octets ? value : new TextDecoder().decode(bytes.subarray(0, octets), { stream: true });
}
