import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import type { z } from 'zod';
import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import { fromFailure, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { readLines } from '../base/ndjson.ts';

/** JSON over HTTPS between Letterlock machines: bounded answers, typed errors, no redirects, no retries. */
export interface DeviceRequest {
  /** From `deviceAgent`: it decides who may answer. */
  readonly agent: Agent;
  /** https://host:port */
  readonly url: string;
  readonly path: string;
  /** Default POST. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** What it is called when no answer comes: refused, reset, timeout, no such host. */
  readonly unreachable: ErrorCode;
  /** Gives up after so long without a byte, default limits.stalledTransferSeconds. */
  readonly idleSeconds?: number;
}

/** One JSON exchange. The other side's `{ code, detail }` is thrown as LetterlockError, an abort as the signal's reason. */
export async function request<Schema extends z.ZodType>(
  options: DeviceRequest & { readonly schema: Schema }
): Promise<z.infer<Schema>> {
  try {
    return await readAnswer(await answer(options), options.schema);
  } catch (error) {
    throw failureOf(options, error);
  }
}

/** The values of a newline-delimited JSON answer as they arrive. Leaving the loop ends the request. */
export async function* requestLines<Schema extends z.ZodType>(
  options: DeviceRequest & { readonly schema: Schema }
): AsyncGenerator<z.infer<Schema>, void, undefined> {
  try {
    const response = await answer(options);
    if (response.statusCode !== 200) await readAnswer(response, options.schema);
    for await (const value of readLines(response)) yield understood(options.schema, value);
  } catch (error) {
    throw failureOf(options, error);
  }
}

/** The rest of an answer; the error that it carries is thrown. Exported for those who make their own requests. */
export async function readAnswer<Schema extends z.ZodType>(
  response: IncomingMessage,
  schema: Schema
): Promise<z.infer<Schema>> {
  const value = parsedJson(await bounded(response));
  if (response.statusCode === 200) return understood(schema, value);
  throw fromFailure(typeof value === 'object' && value !== null ? value : {});
}

/** What a failed connection means: `certificate-invalid` when it was about who is who, else `unreachable`. */
export function connectionError(error: unknown, unreachable: ErrorCode): LetterlockError {
  if (error instanceof LetterlockError) return error;
  const code = String((error as NodeJS.ErrnoException | undefined)?.code);
  return new LetterlockError(identityFailure.test(code) ? 'certificate-invalid' : unreachable, undefined, {
    cause: error
  });
}

/** OpenSSL's verification results, and the alerts with which the other side refuses our certificate. */
const identityFailure =
  /^CERT_|_CERT(_|$)|UNABLE_TO_VERIFY|INVALID_(CA|PURPOSE)|ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;

function failureOf({ signal, unreachable }: DeviceRequest, error: unknown): unknown {
  return signal?.aborted ? signal.reason : connectionError(error, unreachable);
}

/** Sends; gives the answer once its head is there. */
function answer(options: DeviceRequest): Promise<IncomingMessage> {
  const { agent, url, path, method = 'POST', body, signal, idleSeconds = limits.stalledTransferSeconds } = options;
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(new URL(path, url), {
      agent,
      method,
      timeout: idleSeconds * 1000,
      ...(signal ? { signal } : {}),
      headers: payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.end(payload);
  });
}

async function bounded(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.jsonLine) throw new LetterlockError('too-large', 'answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function understood<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new LetterlockError('internal', `answer not understood: ${result.error.issues[0]?.path.join('.') || 'body'}`);
}
