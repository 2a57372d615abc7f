import { request } from 'node:https';
import type { TlsIdentity } from '../../src-main/identity/tls.ts';

/**
 * One request over real TLS by whoever shows `tls`, on a connection of its own. The code of the refusal; `answered` when there
 * was none; `no answer` when the connection ended without one. For tests only: any server certificate will do.
 */
export function call(
  to: { readonly url: string; readonly endpoint: string; readonly body?: unknown },
  tls: TlsIdentity | null
): Promise<string> {
  const [method = '', path = ''] = to.endpoint.split(' ');
  const credentials = tls ? { key: tls.keyPem, cert: tls.certificatePem } : {};
  const body = method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(to.body ?? {});
  const type = method === 'PUT' ? 'application/octet-stream' : 'application/json';
  return new Promise((resolve) => {
    const sent = request(new URL(path.replaceAll(/:[a-z]+/g, someId), to.url), {
      ...credentials,
      method,
      agent: false,
      rejectUnauthorized: false,
      headers: body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }
    });
    sent.once('error', () => resolve('no answer'));
    sent.once('response', async (response) => {
      if (response.statusCode === 200) {
        resolve('answered');
        response.destroy();
        return;
      }
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve((JSON.parse(text) as { code: string }).code);
    });
    sent.end(body);
  });
}

/** In place of each parameter of a path: an id of nothing. */
const someId = '3f0f8d3e-6a0e-4a51-9a5b-0c1d2e3f4a5b';
