import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { JobId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { parseInput } from '../../identity/device-server.ts';
import type { Organization } from '../../organization/organization.ts';
import { Holders } from '../../protocol/repair.ts';
import { requireUploader } from '../admission.ts';
import type { Repair } from './port.ts';

const Params = z.object({ job: JobId });

/** The routes of protocol/repair.ts. Who calls and what it may do is looked up anew at each request. */
export function addRepairRoutes(
  app: FastifyInstance,
  { organization, repair }: { readonly organization: Organization; readonly repair: Repair }
): void {
  app.post('/v1/mesh/sync', async ({ peer, body }) => {
    const caller = organization.device(peer.device);
    if (!caller?.roles.includes('node')) throw new LetterlockError('not-allowed');
    return repair.receive(caller.id, body);
  });

  app.post('/v1/replicas/:job/holders', async ({ peer, params, body }) => {
    const caller = organization.device(peer.device);
    if (!caller) throw new LetterlockError('device-not-approved');
    requireUploader(caller);
    await repair.learn(parseInput(Params, params).job, parseInput(Holders, body).receipts);
    return {};
  });
}
