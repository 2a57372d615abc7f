import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers in as few bytes as may be: compressed where the other side can, and to a GET nothing but "as before" (RFC 9110,
 * section 13.1.2) when the other side has it already.
 */
export async function sendJson(request: FastifyRequest, reply: FastifyReply, value: unknown): Promise<FastifyReply> {
  const body = Buffer.from(JSON.stringify(value));
  reply.type('application/json; charset=utf-8');
  if (request.method === 'GET') {
    const tag = etag(body);
    reply.header('etag', tag);
    if (matches(request, tag)) return reply.code(304).send();
  }
  const encoding = body.length < worthwhile ? undefined : encodingFor(request);
  reply.header('vary', 'accept-encoding');
  if (!encoding) return reply.send(body);
  return reply.header('content-encoding', encoding).send(await compressed(body, encoding));
}

export type Encoding = 'br' | 'gzip';
const worthwhile = 1024;

/** Weak: one content, however it is compressed. */
export const etag = (body: Uint8Array): string =>
  `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

export const matches = ({ headers }: FastifyRequest, tag: string): boolean =>
  headers['if-none-match']?.split(',').some((one) => one.trim() === tag) ?? false;

export function encodingFor({ headers }: FastifyRequest): Encoding | undefined {
  const offered = String(headers['accept-encoding'] ?? '').split(',');
  const may = (name: string) =>
    offered.some((one) => new RegExp(`^\\s*${name}\\s*(;\\s*q=(?!0(\\.0+)?\\s*$).+)?$`).test(one));
  return may('br') ? 'br' : may('gzip') ? 'gzip' : undefined;
}

/** `thorough`: for what is compressed once and sent often. */
export function compressed(body: Uint8Array, encoding: Encoding, thorough = false): Promise<Buffer> {
  if (encoding === 'gzip') return gzipAsync(body, { level: thorough ? 9 : 5 });
  return brotliAsync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: thorough ? 11 : 4 } });
}

const gzipAsync = promisify(gzip) as (body: Uint8Array, options: object) => Promise<Buffer>;
const brotliAsync = promisify(brotliCompress) as (body: Uint8Array, options: object) => Promise<Buffer>;
