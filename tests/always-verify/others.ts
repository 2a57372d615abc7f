import { type Row, row } from './row.ts';

/** What else the web listener serves, besides the procedures. Keys as fastify knows its routes. */
export const webPaths: Readonly<Record<string, Row>> = {
  'POST /api/rpc/:procedure': row('see the procedures', 'content type is JSON; CSRF header; Origin and Fetch Metadata'),
  'GET /api/rpc/:procedure': row('see the procedures; only those without effect', 'Fetch Metadata', 'not-found'),
  'GET /api/events': row(
    'session or token, again before each message',
    'Fetch Metadata',
    'session-expired',
    'rate-limited'
  ),
  'GET /sso/callback': row(
    'this browser began it, a moment ago; account active; rules of who may come in',
    'state, nonce, PKCE, signature and audience of the ID token; once',
    'sign-on-refused',
    'identity-provider-unreachable'
  ),
  // The directory: an API token with scim:manage and no other scope, known before a body is read.
  ...Object.fromEntries(
    ['ServiceProviderConfig', 'ResourceTypes', 'ResourceTypes/:id', 'Schemas', 'Schemas/:id'].map((path) => [
      `GET /scim/v2/${path}`,
      row('token with scim:manage alone', '', 'session-expired', 'not-allowed')
    ])
  ),
  ...Object.fromEntries(
    ['Users', 'Groups'].flatMap((path) => [
      [`GET /scim/v2/${path}`, row('token with scim:manage alone', 'filter, paging', 'session-expired', 'not-allowed')],
      [
        `POST /scim/v2/${path}`,
        row('token with scim:manage alone; name is free', '', 'session-expired', 'not-allowed')
      ],
      ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => [
        `${method} /scim/v2/${path}/:id`,
        row('token with scim:manage alone; resource exists', 'If-Match', 'session-expired', 'not-allowed', 'not-found')
      ])
    ])
  ),
  'GET /invitation/:secret': row(
    'anybody who has the link: open, in time, user active; changes nothing',
    'SHA-256 of the secret',
    'invitation-invalid'
  ),
  'POST /invitation/:secret': row(
    'the same once more, within the act that sets the PIN; Fetch Metadata',
    'secret, once; PIN: rules',
    'invitation-invalid',
    'pin-weak',
    'conflict'
  ),
  'GET /sign-in/:secret': row(
    'anybody who has the link: this browser asked for it; in time, user active, address still theirs, rules allow it; changes nothing',
    'SHA-256 of the secret and of the cookie',
    'sign-in-link-invalid',
    'sign-in-link-elsewhere'
  ),
  'POST /sign-in/:secret': row(
    'the same once more, within the act that uses it up; Fetch Metadata',
    'secret, once; cookie',
    'sign-in-link-invalid',
    'sign-in-link-elsewhere'
  ),
  'GET /pair': row('anybody: says where to pair; knows no token, changes nothing'),
  'GET /api/openapi.json': row('anybody: says what there is, not what is in it'),
  'GET /': row('anybody'),
  'GET /admin': row('anybody: a page without data'),
  'GET /admin/*': row('anybody: a page without data'),
  'GET /portal': row('anybody: a page without data'),
  'GET /portal/*': row('anybody: a page without data')
};

/** Operations of the printer on loopback (and of a shared one): who is asked is known from the connection or its credentials. */
const own = 'job is the requester’s';
export const printerOperations: Readonly<Record<string, Row>> = {
  'Get-Printer-Attributes': row('anybody who reaches the address: print systems ask before they know credentials'),
  'Print-Job': row('requester admitted', 'message, sizes, formats'),
  'Validate-Job': row('requester admitted'),
  'Create-Job': row('requester admitted'),
  'Send-Document': row(own, 'job still takes documents'),
  'Cancel-Job': row(own),
  'Close-Job': row(own),
  'Get-Job-Attributes': row(own),
  'Get-Jobs': row('own jobs only'),
  'Hold-Job': row(own),
  'Release-Job': row(own),
  'Set-Job-Attributes': row(own),
  'Cancel-Jobs': row('own jobs only'),
  'Cancel-My-Jobs': row('own jobs only'),
  'Identify-Printer': row('requester admitted'),
  'Create-Printer-Subscriptions': row('requester admitted; at most 32 of one user'),
  'Create-Job-Subscriptions': row(`${own}; at most 32 of one user`),
  'Get-Subscription-Attributes': row('subscription is the requester’s'),
  'Get-Subscriptions': row('own subscriptions only'),
  'Renew-Subscription': row('subscription is the requester’s'),
  'Cancel-Subscription': row('subscription is the requester’s'),
  'Get-Notifications': row('subscription is the requester’s')
};

/** Between the shell and its engine: a port that the shell made and gave to the process that it started. */
export const engineMessages: Readonly<Record<string, Row>> = {
  call: row(
    'caller is of the frame that sent it: our own page in our own window',
    'caller and input again, by the engine'
  ),
  secret: row('answers one request of the engine'),
  stop: row('the process that was started')
};

/** Source files that open a listener, and the part of this page that is about it. */
export const listeners: Readonly<Record<string, string>> = {
  'src-main/coordinator/ports.ts': 'Device API, Pairing, Web',
  'src-main/identity/device-server.ts': 'Device API, Pairing, Web, Node',
  'src-main/mesh/node.ts': 'Node',
  'src-main/app/control-server.ts': 'Procedures',
  'src-main/ipp/printer-server.ts': 'Printer',
  'src-main/discovery/wire.ts': 'none: multicast DNS has no callers, what comes in is believed in nothing'
};
