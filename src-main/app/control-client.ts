import { type IncomingMessage, request } from 'node:http';
import type { EventName, EventPayload, Input, Output, Procedure, Result } from '../../src-preload/contract/index.ts';
import { fromFailure, LetterlockError } from '../base/errors.ts';
import { readLines } from '../base/ndjson.ts';
import { controlPath } from './control-path.ts';

/** Calls a procedure of the role that runs with `dataDir`. Throws what it answers, or `engine-unreachable`. */
export async function callControl<P extends Procedure>(
  dataDir: string,
  procedure: P,
  input: Input<P>
): Promise<Output<P>> {
  const body = JSON.stringify(input);
  const result = JSON.parse(await post(await controlPath(dataDir), `/rpc/${procedure}`, body)) as Result<Output<P>>;
  if (!result.ok) throw fromFailure(result);
  return result.value;
}

/** The payloads of an event as they happen. Ends with the iteration; throws `engine-unreachable` when the role stops. */
export async function* watchControl<E extends EventName>(dataDir: string, event: E): AsyncGenerator<EventPayload<E>> {
  const response = await send(await controlPath(dataDir), 'GET', `/events/${event}`);
  try {
    yield* readLines(response) as AsyncGenerator<EventPayload<E>>;
  } catch (cause) {
    throw cause instanceof LetterlockError ? cause : new LetterlockError('engine-unreachable', undefined, { cause });
  } finally {
    response.destroy();
  }
  throw new LetterlockError('engine-unreachable');
}

async function post(socketPath: string, path: string, body: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await send(socketPath, 'POST', path, body)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(socketPath: string, method: string, path: string, body?: string): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    request({ socketPath, path, method, headers: { 'content-type': 'application/json' } }, done)
      .on('error', (cause) => fail(new LetterlockError('engine-unreachable', undefined, { cause })))
      .end(body);
  });
}
