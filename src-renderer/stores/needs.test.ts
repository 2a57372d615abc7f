import { describe, expect, it } from 'vitest';
import type { DeviceId, Output } from '../../src-preload/contract/index.ts';
import { needsOf } from './needs.ts';

const now = Date.UTC(2030, 0, 1);
const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString();
type Node = Output<'admin.mesh.status'>['nodes'][number];

const node = (name: string, fields: Partial<Node> = {}): Node => ({
  id: name as DeviceId,
  name,
  roles: ['node'],
  status: 'approved',
  owner: null,
  url: null,
  online: true,
  cloud: false,
  site: 'main',
  certificateExpires: inDays(60),
  ...fields
});
const needs = (
  nodes: readonly Node[],
  overview: Partial<Output<'console.start'>['overview']> = {},
  secondFactor = true
) =>
  needsOf({
    overview: {
      devices: { approved: nodes.length, online: nodes.length },
      nodes: { approved: nodes.length, online: nodes.filter(({ online }) => online).length },
      pairingRequests: 0,
      printers: { approved: 0, pending: 0 },
      users: { active: 0, suspended: 0 },
      jobs: {},
      auditRows: 1,
      ...overview
    },
    nodes: [...nodes],
    printers: [],
    secondFactor,
    now
  });
const kinds = (some: ReturnType<typeof needs>) => some.map(({ kind }) => kind);

describe('what needs a person', () => {
  it('is nothing while all is well', () => {
    expect(needs([node('kestrel'), node('heron')])).toEqual([]);
  });

  it('names the machines while they are few', () => {
    const [need] = needs([node('kestrel', { online: false }), node('heron')]);
    expect(need).toMatchObject({ kind: 'nodesOffline', tone: 'trouble', count: 1, names: ['kestrel'] });
    const many = Array.from({ length: 9 }, (_, at) => node(`node ${at}`, { online: false }));
    expect(needs(many)[0]).toMatchObject({ count: 9, names: [] });
  });

  it('tells a certificate that ends soon from one that has ended, and passes over revoked machines', () => {
    const nodes = [
      node('soon', { certificateExpires: inDays(3) }),
      node('ended', { certificateExpires: inDays(-1) }),
      node('revoked', { certificateExpires: inDays(-1), status: 'revoked' })
    ];
    expect(needs(nodes)).toEqual([
      { kind: 'certificateEnded', tone: 'trouble', count: 1, names: ['ended'] },
      { kind: 'certificateEnds', tone: 'unsure', count: 1, names: ['soon'] }
    ]);
  });

  it('says the most urgent first', () => {
    const some = needs([], { pairingRequests: 2, jobs: { uncertain: 1 }, devices: { approved: 1, online: 0 } }, false);
    expect(kinds(some)).toEqual(['noNode', 'pairing', 'uncertain', 'noSecondFactor']);
  });
});
