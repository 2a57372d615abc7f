import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { procedures } from '../../src-preload/contract/index.ts';
import { createHttpsGateway } from './https.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ok = (value: unknown, tag?: string) =>
  Response.json({ ok: true, value }, tag === undefined ? {} : { headers: { etag: tag } });

const recorded = (...answers: (Response | Error)[]) => {
  const requests: { path: string; init: RequestInit }[] = [];
  const fetch = async (path: unknown, init?: RequestInit): Promise<Response> => {
    requests.push({ path: String(path), init: init ?? {} });
    const answer = answers.shift() ?? new TypeError('no network');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { requests, gateway: createHttpsGateway(fetch) };
};
const headersOf = (request: { init: RequestInit } | undefined) => new Headers(request?.init.headers);

describe('the gateway over HTTPS', () => {
  it('changes things with a POST that no other site can send', async () => {
    const { requests, gateway } = recorded(ok({}));
    gateway.setCsrf('token of the session');
    await gateway.call('session.sign-out', {});
    const [request] = requests;
    expect(request).toMatchObject({ path: '/api/rpc/session.sign-out', init: { method: 'POST', body: '{}' } });
    expect(headersOf(request).get('x-letterlock-csrf')).toBe('token of the session');
    expect(headersOf(request).get('content-type')).toBe('application/json');
  });

  it('never repeats what changes something, and asks again for what does not', async () => {
    const change = recorded(new TypeError('lost'), ok({}));
    expect(await change.gateway.call('session.sign-out', {})).toMatchObject({ code: 'coordinator-unreachable' });
    expect(change.requests).toHaveLength(1);

    const question = recorded(new TypeError('lost'), new Response('<html>a proxy', { status: 502 }), ok([]));
    const answer = question.gateway.read('admin.user.list', {});
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await answer).toEqual({ ok: true, value: [] });
    expect(question.requests).toHaveLength(3);
  });

  it('keeps an answer that is still the same, until somebody signs out', async () => {
    const { requests, gateway } = recorded(ok(['ada'], 'W/"1"'), new Response(null, { status: 304 }), ok([], 'W/"2"'));
    const first = await gateway.read('admin.user.list', {});
    expect(await gateway.read('admin.user.list', {})).toBe(first);
    expect(headersOf(requests[1]).get('if-none-match')).toBe('W/"1"');
    gateway.setCsrf(null);
    await gateway.read('admin.user.list', {});
    expect(headersOf(requests[2]).get('if-none-match')).toBeNull();
  });

  it('passes on a coded refusal', async () => {
    const refusal = { ok: false, code: 'not-allowed', message: '', detail: 'scope' };
    const { gateway } = recorded(Response.json(refusal, { status: 403 }));
    expect(await gateway.read('admin.user.list', {})).toEqual(refusal);
  });
});

it('only procedures that change nothing are ever repeated', () => {
  const pattern =
    /\.(list|get|status|verify|show)$|^console\.start$|^admin\.(report\.daily|user\.rules|key\.authority|policy\.(history|usage|why))$|^account\.passkey-list$/;
  const web = Object.entries(procedures).filter(([, { callers }]) =>
    callers.some((caller) => ['admin', 'user', 'visitor'].includes(caller))
  );
  for (const [name, { safe }] of web) if (pattern.test(name)) expect(safe, name).toBe(true);
});
