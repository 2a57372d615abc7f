import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { CustomFetch } from 'openid-client';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/**
 * `fetch` as the OpenID Connect library wants it: HTTPS with the organization's own authority where one is given, bounded in
 * bytes, and no redirect is followed. Throws `identity-provider-unreachable`.
 */
export const providerFetch =
  (authority: string | null): CustomFetch =>
  async (url, { method, headers, body, signal }) => {
    const content = body == null ? undefined : Buffer.from(await new Response(body).arrayBuffer());
    try {
      const call = request(url, {
        method,
        headers: { ...headers, ...(content ? { 'content-length': content.length } : {}) },
        agent: false,
        minVersion: 'TLSv1.2',
        ...(authority === null ? {} : { ca: authority }),
        ...(signal ? { signal } : {})
      });
      const answered = once(call, 'response');
      call.end(content);
      const [answer] = (await answered) as [IncomingMessage];
      const bytes = await bounded(answer);
      return new Response(bytes.length > 0 ? bytes : null, {
        status: answer.statusCode ?? 502,
        headers: Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
          [value ?? []].flat().map((one) => [name, one])
        )
      });
    } catch (cause) {
      throw unreachable(cause);
    }
  };

/** What went wrong in words that name no secret: the error's own code. */
export function unreachable(cause: unknown): LetterlockError {
  if (cause instanceof LetterlockError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  return new LetterlockError('identity-provider-unreachable', typeof code === 'string' ? code : undefined, { cause });
}

async function bounded(answer: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.providerAnswer) throw new LetterlockError('identity-provider-unreachable', 'too long an answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
