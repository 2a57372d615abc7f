import type { Procedure, Result } from '../../src-preload/contract/index.ts';
import { followEvents } from './events.ts';
import type { Gateway } from './gateway.ts';

/** Work at a printer or a slow line may take its time; nobody waits longer than this for an answer. */
const patience = 60_000;
/** A lost packet on a bad line costs seconds; a lost connection is asked again after these many milliseconds. */
const readAgainAfter = [300, 1_200];

const unreachable: Result<never> = { ok: false, code: 'coordinator-unreachable', message: '' };

/**
 * Procedures over HTTPS at the page's own origin, the session in a cookie that no script sees. What changes something is a POST
 * with the token against forged requests in a header; what changes nothing is a GET, which counts as nobody's activity, and
 * whose answer is sent again only if it is another one.
 */
export const createHttpsGateway = (fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)): Gateway => {
  let csrf: string | null = null;
  const known = new Map<string, { readonly tag: string; readonly result: Result<unknown> }>();

  const request = async (path: string, init: RequestInit): Promise<Response | null> =>
    fetch(path, {
      ...init,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(patience)
    }).catch(() => null);

  const get = async (procedure: Procedure, input: unknown): Promise<Result<unknown>> => {
    const path = `/api/rpc/${procedure}?${new URLSearchParams({ input: JSON.stringify(input) })}`;
    const before = known.get(path);
    const response = await request(path, { headers: before ? { 'if-none-match': before.tag } : {} });
    if (response?.status === 304 && before) return before.result;
    const result = await resultOf(response);
    const tag = response?.headers.get('etag');
    if (tag && result.ok) known.set(path, { tag, result });
    return result;
  };

  const post = async (procedure: Procedure, input: unknown): Promise<Result<unknown>> =>
    resultOf(
      await request(`/api/rpc/${procedure}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(csrf === null ? {} : { 'x-letterlock-csrf': csrf }) },
        body: JSON.stringify(input)
      })
    );

  const patiently = async (procedure: Procedure, input: unknown): Promise<Result<unknown>> => {
    let result = await get(procedure, input);
    for (const pause of readAgainAfter) {
      if (result.ok || result.code !== 'coordinator-unreachable') break;
      await new Promise((resolve) => setTimeout(resolve, pause));
      result = await get(procedure, input);
    }
    return result;
  };

  return {
    call: post as Gateway['call'],
    read: patiently as Gateway['read'],
    setCsrf: (token) => {
      if (token === null) known.clear();
      csrf = token;
    },
    follow: (listener, signal) => followEvents({ fetch, path: '/api/events', listener, signal })
  };
};

const resultOf = async (response: Response | null): Promise<Result<unknown>> => {
  const answer: unknown = await response?.json().catch(() => null);
  return isResult(answer) ? answer : unreachable;
};

const isResult = (answer: unknown): answer is Result<unknown> =>
  typeof answer === 'object' && answer !== null && 'ok' in answer && (answer.ok === true || 'code' in answer);
