import type { Output } from '../../src-preload/contract/index.ts';
import { toneOfEnd } from './tones.ts';

/** Something that an administrator should look at. */
export interface Need {
  readonly kind:
    | 'pairing'
    | 'printers'
    | 'noNode'
    | 'nodesOffline'
    | 'uncertain'
    | 'certificateEnded'
    | 'certificateEnds'
    | 'printerCertificate'
    | 'noSecondFactor';
  readonly tone: 'trouble' | 'unsure';
  readonly count: number;
  readonly names: readonly string[];
}

interface Known {
  readonly overview: Output<'console.start'>['overview'];
  readonly nodes: Output<'admin.mesh.status'>['nodes'];
  readonly printers: Output<'admin.printer.list'>;
  readonly secondFactor: boolean;
  readonly now: number;
}

/** What needs a person, most urgent first; empty: nothing does. Names where there are few enough to say them. */
export const needsOf = ({ overview, nodes, printers, secondFactor, now }: Known): readonly Need[] => {
  const approved = nodes.filter(({ status }) => status === 'approved');
  const named = (some: readonly { readonly name: string }[]) => (some.length <= 4 ? some.map(({ name }) => name) : []);
  const away = approved.filter(({ online }) => !online);
  const ended = approved.filter(({ certificateExpires }) => toneOfEnd(certificateExpires, now) === 'trouble');
  const ending = approved.filter(({ certificateExpires }) => toneOfEnd(certificateExpires, now) === 'unsure');
  const stalePrinters = printers.filter(
    ({ status, certificateExpires }) =>
      status === 'approved' && certificateExpires !== null && toneOfEnd(certificateExpires, now) !== 'good'
  );
  const { nodes: all, pairingRequests, printers: counted, jobs, devices } = overview;
  const needs: Need[] = [
    { kind: 'noNode', tone: 'trouble', count: all.approved === 0 && devices.approved > 0 ? 1 : 0, names: [] },
    {
      kind: 'nodesOffline',
      tone: 'trouble',
      count: all.approved - all.online,
      names: named(away)
    },
    { kind: 'certificateEnded', tone: 'trouble', count: ended.length, names: named(ended) },
    { kind: 'pairing', tone: 'unsure', count: pairingRequests, names: [] },
    { kind: 'printers', tone: 'unsure', count: counted.pending, names: [] },
    { kind: 'uncertain', tone: 'unsure', count: jobs.uncertain ?? 0, names: [] },
    { kind: 'certificateEnds', tone: 'unsure', count: ending.length, names: named(ending) },
    { kind: 'printerCertificate', tone: 'unsure', count: stalePrinters.length, names: named(stalePrinters) },
    { kind: 'noSecondFactor', tone: 'unsure', count: secondFactor ? 0 : 1, names: [] }
  ];
  return needs.filter(({ count }) => count > 0);
};
