import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Input, Output, Procedure, Result } from '../../src-preload/contract/index.ts';
import { fromFailure, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/** A coordinator's web listener, and what is needed to be heard there. */
export interface WebServer {
  /** https://host[:port] */
  readonly server: string;
  /** API token. */
  readonly token: string;
  /** PEM of the only authority that counts; undefined: those of the system. */
  readonly authority?: Uint8Array | undefined;
}

/** Calls a procedure over HTTPS. Throws what it answers, or `coordinator-unreachable`; `certificate-invalid` for another server. */
export async function callWeb<P extends Procedure>(to: WebServer, procedure: P, input: Input<P>): Promise<Output<P>> {
  const result = await post(to, `/api/rpc/${procedure}`, JSON.stringify(input));
  if (!result.ok) throw fromFailure(result);
  return result.value as Output<P>;
}

async function post({ server, token, authority }: WebServer, path: string, body: string): Promise<Result<unknown>> {
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:')
    throw new LetterlockError('input-invalid', 'server: https://host[:port]');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const options = { method: 'POST', headers, agent: false, ...(authority ? { ca: Buffer.from(authority) } : {}) };
  const response = await new Promise<IncomingMessage>((done, fail) => {
    request(new URL(path, server), { ...options, signal: AbortSignal.timeout(callSeconds * 1000) }, done)
      .on('error', (cause) => fail(unreachable(cause)))
      .end(body);
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.jsonLine) throw new LetterlockError('too-large', 'answer');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Result<unknown>;
  } catch (cause) {
    throw new LetterlockError('coordinator-unreachable', 'the answer is not a coordinator’s', { cause });
  }
}

const callSeconds = 60;

function unreachable(cause: NodeJS.ErrnoException): LetterlockError {
  const wrongServer = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(cause.code ?? '');
  return new LetterlockError(wrongServer ? 'certificate-invalid' : 'coordinator-unreachable', cause.code, { cause });
}
