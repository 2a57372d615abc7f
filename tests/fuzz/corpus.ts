import { readFileSync } from 'node:fs';
import { boolean, charset, integer, keyword, naturalLanguage, uri } from '../../src-main/ipp/attributes.ts';
import { encodeMessage } from '../../src-main/ipp/codec.ts';
import type { IppAttribute, IppGroup } from '../../src-main/ipp/message.ts';
import { type OperationName, operations } from '../../src-main/ipp/registry.ts';

interface Recorded {
  /** Which program sent it. */
  from: string;
  hex: string;
}

const read = <Entry>(file: string): Entry[] =>
  JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as Entry[];

/** What is mutated: attribute parts of requests as ipptool's suites and CUPS send them, and a plain one of each operation. */
export const corpus: readonly Buffer[] = [
  ...read<Recorded>('ipp-requests.json').map(({ hex }) => Buffer.from(hex, 'hex')),
  ...(Object.keys(operations) as OperationName[]).map((name) =>
    ippRequest(
      name,
      [
        integer('job-id', 1),
        integer('notify-job-id', 1),
        integer('notify-subscription-id', 1),
        integer('notify-subscription-ids', 1),
        boolean('notify-wait', true),
        boolean('last-document', true)
      ],
      [integer('copies', 2), keyword('job-hold-until', 'indefinite')],
      [keyword('notify-pull-method', 'ippget'), keyword('notify-events', 'job-state-changed', 'printer-state-changed')]
    )
  )
];

function ippRequest(name: OperationName, operation: IppAttribute[], job: IppAttribute[], subscription: IppAttribute[]) {
  const language = [charset('attributes-charset', 'utf-8'), naturalLanguage('attributes-natural-language', 'en')];
  const target = [...language, uri('printer-uri', 'ipp://localhost/ipp/print')];
  const groups: IppGroup[] = [{ tag: 'operation-attributes-tag', attributes: [...target, ...operation] }];
  if (/Job|Document/.test(name)) groups.push({ tag: 'job-attributes-tag', attributes: job });
  if (/Job|Subscription/.test(name)) groups.push({ tag: 'subscription-attributes-tag', attributes: subscription });
  return Buffer.from(encodeMessage({ version: '2.0', code: operations[name], requestId: 1, groups }));
}

/** Inputs that found something once, here or elsewhere, and what it was. */
interface Hostile {
  name: string;
  hex: string;
}
export const hostile: readonly Hostile[] = read<Hostile>('ipp-hostile.json');
