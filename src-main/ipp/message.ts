/**
 * IPP messages as plain data (RFC 8010 section 3): what the codec reads and writes. Tags are kept, groups are ordered and
 * may repeat, attributes that nobody here knows pass byte for byte. Text is UTF-8.
 */
export interface IppMessage {
  /** '1.1', '2.0', … */
  version: string;
  /** operation-id of a request, status-code of a response. */
  code: number;
  requestId: number;
  groups: IppGroup[];
}

export interface IppGroup {
  /** A delimiter tag by name, or its number where the registry has no name for it. */
  tag: GroupTag | number;
  attributes: IppAttribute[];
}

export interface IppAttribute {
  name: string;
  /** Never empty: RFC 8010 has no attribute without a value. */
  values: IppValue[];
}

export type GroupTag =
  | 'operation-attributes-tag'
  | 'job-attributes-tag'
  | 'printer-attributes-tag'
  | 'unsupported-attributes-tag'
  | 'subscription-attributes-tag'
  | 'event-notification-attributes-tag'
  | 'resource-attributes-tag'
  | 'document-attributes-tag';

export type TextTag =
  | 'textWithoutLanguage'
  | 'nameWithoutLanguage'
  | 'keyword'
  | 'uri'
  | 'uriScheme'
  | 'charset'
  | 'naturalLanguage'
  | 'mimeMediaType';

export type OutOfBandTag =
  | 'unsupported'
  | 'default'
  | 'unknown'
  | 'no-value'
  | 'not-settable'
  | 'delete-attribute'
  | 'admin-define';

export type IppValue =
  | { tag: 'integer' | 'enum'; value: number }
  | { tag: 'boolean'; value: boolean }
  | { tag: TextTag; value: string }
  | { tag: 'textWithLanguage' | 'nameWithLanguage'; value: { language: string; text: string } }
  | { tag: 'rangeOfInteger'; value: { lower: number; upper: number } }
  /** units: 3 = dots per inch, 4 = dots per centimetre. */
  | { tag: 'resolution'; value: { cross: number; feed: number; units: number } }
  /** RFC 2579 DateAndTime written as `2026-11-22T10:36:19.0+00:00`. */
  | { tag: 'dateTime'; value: string }
  | { tag: 'octetString'; value: Uint8Array }
  | { tag: 'begCollection'; value: IppAttribute[] }
  | { tag: OutOfBandTag; value: null }
  /** Value tag 0x7f: the first four octets of the value field are its tag, at most 0x7fffffff (RFC 8010 section 3.5.2). */
  | { tag: 'extension'; value: { tag: number; bytes: Uint8Array } }
  /** A value tag without a name here, or a reply's value that breaks its syntax (decode.ts): the bytes as they came. */
  | { tag: number; value: Uint8Array };
