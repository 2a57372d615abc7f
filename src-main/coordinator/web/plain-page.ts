import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { publicErrors } from '../../../src-preload/contract/index.ts';
import { failure, LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/** Pages of the coordinator's own without a script: what people see who open a link of ours. `body` and `heading`: HTML, escaped. */
export const sendPlainPage = (
  reply: FastifyReply,
  status: number,
  { title, heading, body }: { readonly title: string; readonly heading: string; readonly body: string }
): FastifyReply =>
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/plain.css">
<title>${title}</title>
</head>
<body>
<main>
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`);

/** What went wrong and what to do next, and the status that goes with it. */
export function refusalOf(error: unknown): { readonly status: number; readonly body: string } {
  const { code, detail } = failure(error);
  const { message, next, status } = publicErrors[code];
  const about = detail === undefined ? '' : ` (${escaped(detail)})`;
  return { status, body: `<p role="alert">${escaped(message)}${about} ${escaped(next)}</p>\n` };
}

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

/** Forms are understood by the routes that are added here, and nowhere else of the listener. */
export async function withForms(app: FastifyInstance, addRoutes: (app: FastifyInstance) => void): Promise<void> {
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: limits.invitationForm },
      (_request, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text))))
    );
    addRoutes(scope);
  });
}

/** Refuses forms of other sites' pages by Fetch Metadata. Origin is of no use: without a referrer browsers send `null` there. */
export function requireOwnForm({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw new LetterlockError('not-allowed', 'origin');
}
