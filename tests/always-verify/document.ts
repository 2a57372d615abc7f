import { deviceApi, nodeApi, pairingApi } from './devices.ts';
import { engineMessages, listeners, printerOperations, webPaths } from './others.ts';
import { eventRows, procedureRows } from './procedures.ts';
import type { DeviceRow, Row } from './row.ts';

/** docs/always-verify.md, from the rows. */
export const alwaysVerify = (): string => `# Always verify

Who may call what, how the caller is known, and what is checked at each call. Nothing is believed because it was believed
before: each request is checked against what counts now.

This page is written from the rows in \`tests/always-verify\`. \`tests/unit/always-verify.test.ts\` walks the routes of the running
listeners, the procedures, the operations and the messages: an endpoint without a row fails the build, and so does a row without
an endpoint. \`tests/unit/always-verify-refusals.test.ts\` calls every endpoint with every wrong identity.
\`npx vitest run --project unit tests/unit/always-verify.test.ts -u\` writes this page anew.

## How fast a withdrawal counts

| what is withdrawn | at the coordinator | at machines that are connected | at machines that are not |
|---|---|---|---|
| device, node | next request; its connections are cut, its sessions ended | directory is pushed; its connections are cut, calls to it break off | once their directory is too old |
| user | next request; sessions ended | the station is told and signs the user out | a station does nothing without the coordinator |
| printer | next request; a grant does not start | directory is pushed; what has not begun to print there is refused | a node does not start without the coordinator |

A machine that cannot reach the coordinator goes by the newest directory that it has seen, for seven days at most
(\`limits.directoryHours\`), and then trusts nobody until it is connected again. Nothing is ever released without the coordinator:
in that time replicas may be stored and read, all of them sealed. A certificate ends after 30 days and is not renewed for who is
revoked.

## Device API (coordinator)

Known from the TLS session: TLS 1.3, certificate of this organization, not expired, or there is no answer at all. Then, at every
request: the device is approved now and its certificate names the keys that are in the directory, or \`device-not-approved\`; its role, or
\`not-allowed\`; its input, or \`input-invalid\`; things that are not there are \`not-found\`. A session counts only at the device where it was opened,
or \`session-expired\`.

${deviceTable(deviceApi)}

## Pairing (coordinator)

Strangers: the server alone shows a certificate. A listener of its own, with bounds for all and for each address.

${table('endpoint', pairingApi)}

## Node

As at the coordinator: TLS, then the newest directory.

${deviceTable(nodeApi)}

## Web (coordinator)

HTTPS. Session cookie, or API token as bearer. A browser's POST needs the CSRF header of its session, our Origin, and Fetch
Metadata of our own pages, or \`not-allowed\`.

${table('endpoint', webPaths)}

## Procedures

Over three channels, each of which says who calls: a window (frame of our own page), the control socket (\`local\`: mode 0600, so the same
operating system user), the web listener (\`admin\`, \`user\`, \`visitor\`). Who is not among the callers gets \`not-allowed\`, a visitor
\`session-expired\`, and a procedure that a channel does not serve is \`not-found\`. An administrator's role or a token's scopes must
hold the right, or \`not-allowed\`; where it says confirmed, a browser must have proved who is there within five minutes, or
\`confirmation-required\`. API tokens never have the right of an owner.

${lines(
  ['procedure', 'callers', 'checked against', 'also verified', 'refusals'],
  Object.entries(procedureRows).map(([name, row]) => [code(name), row.access, ...cells(row)])
)}

## Events of windows and control socket

${lines(
  ['event', 'who may hear it'],
  Object.entries(eventRows).map(([name, who]) => [code(name), who])
)}

## Printer

On loopback: the user that the operating system names for the connection, or credentials. Shared: TLS and a user's name and PIN. Who
is not admitted gets HTTP 401 or 403 before the document is read; what is somebody else's is \`client-error-not-found\`.

${table('operation', printerOperations)}

## Shell to engine

${table('message', engineMessages)}

## Listeners

${lines(
  ['opened in', 'section'],
  Object.entries(listeners).map(([file, about]) => [code(file), about])
)}
`;

const code = (text: string) => `\`${text}\``;
const cells = ({ against, verified, refusals }: Row) => [against, verified, refusals.map(code).join(' ')];

const table = (what: string, rows: Readonly<Record<string, Row>>) =>
  lines(
    [what, 'checked against', 'also verified', 'refusals'],
    Object.entries(rows).map(([name, row]) => [code(name), ...cells(row)])
  );

const deviceTable = (rows: Readonly<Record<string, DeviceRow>>) =>
  lines(
    ['endpoint', 'who', 'checked against', 'also verified', 'refusals'],
    Object.entries(rows).map(([name, row]) => [code(name), rolesOf(row), ...cells(row)])
  );

const rolesOf = ({ roles }: DeviceRow) => (roles === 'any' ? 'any approved device' : roles.join(', '));

function lines(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cellsOfLine: readonly string[]) => `| ${cellsOfLine.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
