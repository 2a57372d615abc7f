import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import forge from 'node-forge';
import { Provider } from 'oidc-provider';

/** A real OpenID Connect provider on loopback, over HTTPS with an authority of its own. Nobody has to type a password there. */
export interface TestProvider {
  readonly issuer: string;
  /** PEM, as an owner would give it. */
  readonly authority: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Claims by subject. */
  readonly people: Map<string, Record<string, unknown>>;
  /** The subject who sits at the browser. */
  person: string;
  /** What a browser does there, with an empty cookie jar: the address that it is sent back to. */
  visit(url: string): Promise<string>;
  close(): Promise<void>;
}

/** `redirectUris`: as registered; known only once the coordinator runs. */
export async function startProvider(
  redirectUris: readonly string[],
  leaveUris: readonly string[] = []
): Promise<TestProvider> {
  const { key, certificate } = localhostCertificate();
  let answer = (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();
  const server = createServer({ key, cert: certificate }, (asked, response) => answer(asked, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  const client = { id: 'letterlock', secret: randomUUID() };
  const people: TestProvider['people'] = new Map();

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: redirectUris,
        post_logout_redirect_uris: leaveUris,
        token_endpoint_auth_method: 'client_secret_post'
      }
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username', 'groups'] },
    cookies: { keys: [randomUUID()] },
    jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
    ttl: Object.fromEntries(['AccessToken', 'Grant', 'IdToken', 'Interaction', 'Session'].map((name) => [name, 60])),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...people.get(accountId) })
    }),
    async loadExistingGrant({ oidc }: GrantContext) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    }
  });
  const serve = provider.callback();
  answer = (asked, response) => {
    if (!asked.url?.startsWith('/interaction/')) return serve(asked, response);
    const login = test.people.has(test.person) ? { login: { accountId: test.person } } : { error: 'access_denied' };
    void provider.interactionFinished(asked, response, login);
  };

  const test: TestProvider = {
    issuer,
    authority: certificate,
    client,
    people,
    person: '',
    async visit(url) {
      const cookies = new Map<string, string>();
      for (let next = url; ; ) {
        if (!next.startsWith(issuer)) return next;
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const sent = request(next, { ca: certificate, agent: false, headers: { cookie } });
        const answered = once(sent, 'response');
        sent.end();
        const [response] = (await answered) as [IncomingMessage];
        response.resume();
        for (const line of response.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (name) cookies.set(name, value ?? '');
        }
        const { location } = response.headers;
        if (!location) throw new Error(`the provider answered ${response.statusCode} at ${next}`);
        next = new URL(location, next).href;
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  };
  return test;
}

interface GrantContext {
  readonly oidc: { readonly client: { clientId: string }; readonly session: { accountId: string } };
}

function localhostCertificate(): { key: string; certificate: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
  const keys = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.rsa.setPublicKey(keys.n, keys.e);
  certificate.serialNumber = '01';
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: 'commonName', value: 'localhost' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }
  ]);
  certificate.sign(keys, forge.md.sha256.create());
  return { key, certificate: forge.pki.certificateToPem(certificate) };
}
