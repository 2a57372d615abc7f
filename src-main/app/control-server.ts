import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { type EventName, isEvent } from '../../src-preload/contract/index.ts';
import { failure, fromFailure, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { encodeLine } from '../base/ndjson.ts';
import { controlPath } from './control-path.ts';
import type { Dispatch } from './dispatch.ts';
import type { EventBus } from './events.ts';

/**
 * The control channel of a role, for programs of the same operating system user: HTTP on a Unix socket (mode 0600) or named
 * pipe. `POST /rpc/<procedure>` with a JSON body answers a `Result`; `GET /events/<event>` streams its payloads, one JSON line
 * each, until the caller hangs up. The caller is always `local`.
 */
export async function startControlServer(
  dataDir: string,
  dispatch: Dispatch,
  events: EventBus
): Promise<{ close(): Promise<void> }> {
  const path = await controlPath(dataDir);
  await removeStale(path);
  const server = createServer((request, response) => void serve(dispatch, events, request, response));
  const umask = process.umask(0o177); // the socket is born 0600: no moment in which others could connect
  try {
    await new Promise<void>((done, fail) => server.once('error', fail).listen(path, done));
  } finally {
    process.umask(umask);
  }
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      })
  };
}

/** A socket that nobody listens on is left over from a crash; one that answers means that this role already runs. */
async function removeStale(path: string): Promise<void> {
  const alive = await new Promise<boolean>((done) => {
    const socket = connect(path, () => {
      socket.destroy();
      done(true);
    }).once('error', () => done(false));
  });
  if (alive) throw new LetterlockError('conflict', 'this role already runs with this data folder');
  if (process.platform !== 'win32') await rm(path, { force: true });
}

async function serve(
  dispatch: Dispatch,
  events: EventBus,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const answer = (result: unknown) => {
    const headers = { 'content-type': 'application/json', ...(request.complete ? {} : { connection: 'close' }) };
    response.writeHead(200, headers).end(JSON.stringify(result), () => request.complete || request.destroy());
  };
  try {
    const event = /^\/events\/([a-z.-]+)$/.exec(request.url ?? '')?.[1];
    if (request.method === 'GET' && isEvent(event)) return await streamEvents(dispatch, events, event, response);
    const procedure = /^\/rpc\/([a-z.-]+)$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || !procedure) throw new LetterlockError('not-found', 'procedure');
    answer(await dispatch('local', procedure, await readJson(request)));
  } catch (error) {
    answer(failure(error));
  }
}

/** The present state first, then each change: no watcher misses what happened before it listened. */
async function streamEvents(
  dispatch: Dispatch,
  events: EventBus,
  wanted: EventName,
  response: ServerResponse
): Promise<void> {
  // A reader that does not keep up loses snapshots, not memory; never the last one, which nothing would make good.
  let newest: { readonly payload: unknown } | undefined;
  const off = events.on((name, payload) => {
    if (name !== wanted) return;
    if (response.writableNeedDrain) newest = { payload };
    else response.write(encodeLine(payload));
  });
  response.on('drain', () => {
    if (newest) response.write(encodeLine(newest.payload));
    newest = undefined;
  });
  response.once('close', off);
  const now = await dispatch('local', wanted, {});
  if (!now.ok) throw fromFailure(now);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.write(encodeLine(now.value));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when given up: the refusal must still reach the caller.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.jsonBody) throw new LetterlockError('too-large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch (error) {
    throw new LetterlockError('input-invalid', 'not JSON', { cause: error });
  }
}
