import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PairingId } from '../../../src-preload/contract/index.ts';
import { parseInput } from '../../identity/device-server.ts';
import { PairingOpen } from '../../protocol/pairing-api.ts';
import type { Pairing } from './pairing.ts';

/** What strangers may ask, on a listener of its own: nothing here has an effect until an administrator or a token approves. */
export function addPairingRoutes(app: FastifyInstance, pairing: Pairing): void {
  app.post('/pair/v1/requests', async (request) => pairing.open(parseInput(PairingOpen, request.body), request.ip));
  app.post('/pair/v1/requests/:id/reveal', async (request) => {
    const { id } = parseInput(Path, request.params);
    await pairing.reveal(id, parseInput(Nonce, request.body).nonce);
    return {};
  });
  app.post('/pair/v1/requests/:id/result', async (request, reply) => {
    const { id } = parseInput(Path, request.params);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return pairing.result(id, parseInput(Nonce, request.body).nonce, gone.signal);
  });
}

const Path = z.object({ id: PairingId });
const Nonce = z.object({ nonce: z.string().length(43) });
