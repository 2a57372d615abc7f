import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type ErrorCode, publicErrors } from '../../../src-preload/contract/index.ts';
import { failure, LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseInput } from '../../identity/device-server.ts';
import type { Invitations } from './invitations.ts';

/**
 * `/invitation/<secret>` of the web listener: what people open who were invited. The GET shows a form and changes nothing, whoever
 * fetches it and however often (mail servers and chat programs read links ahead); the person's own POST sets the PIN. No script.
 */
export async function addInvitationPage(
  app: FastifyInstance,
  { organization, invitations }: { readonly organization: string; readonly invitations: Invitations }
): Promise<void> {
  const send = (reply: FastifyReply, status: number, body: string) =>
    reply.code(status).type('text/html; charset=utf-8').send(page(organization, body));
  const refuse = (reply: FastifyReply, error: unknown, again = '') => {
    const failed = failure(error);
    return send(reply, publicErrors[failed.code].status, refusal(failed) + again);
  };

  // Forms are understood here and nowhere else of the listener.
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: limits.invitationForm },
      (_request, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text))))
    );
    scope.get('/invitation/:secret', async (request, reply) => {
      try {
        const { name } = await invitations.look(parseInput(Path, request.params).secret);
        return send(reply, 200, form(name));
      } catch (error) {
        return refuse(reply, error);
      }
    });
    scope.post('/invitation/:secret', async (request, reply) => {
      let name: string;
      try {
        const site = request.headers['sec-fetch-site'];
        if (site !== undefined && site !== 'same-origin') throw new LetterlockError('not-allowed', 'origin');
        ({ name } = await invitations.look(parseInput(Path, request.params).secret));
      } catch (error) {
        return refuse(reply, error);
      }
      try {
        const { pin, again } = parseInput(Form, request.body);
        if (pin !== again) throw new LetterlockError('input-invalid', 'the two PINs are not the same');
        await invitations.accept(parseInput(Path, request.params).secret, pin);
        return send(reply, 200, accepted);
      } catch (error) {
        return refuse(reply, error, form(name));
      }
    });
  });
}

const Path = z.object({ secret: z.string().max(64) });
const digits = z.string().regex(/^\d{4,32}$/);
const Form = z.object({ pin: digits, again: digits });

const page = (organization: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Your PIN – ${escaped(organization)}</title>
</head>
<body>
<main>
<h1>Print with ${escaped(organization)}</h1>
${body}
</main>
</body>
</html>
`;

const form = (name: string): string => `<form method="post" autocomplete="off">
<p>You are invited as <strong>${escaped(name)}</strong>. Choose the PIN with which you fetch what you print. Nothing is set before
you press the button.</p>
<p><label>PIN, digits only <input name="pin" ${pinInput}></label></p>
<p><label>The same PIN again <input name="again" ${pinInput}></label></p>
<p><button>Set my PIN</button></p>
</form>`;
const pinInput =
  'type="password" inputmode="numeric" pattern="[0-9]{4,32}" maxlength="32" autocomplete="new-password" required';

const accepted = `<p>Your PIN is set, and this link does not work any more. With your name and this PIN you fetch what you print.</p>
<p><a href="/portal">My print jobs</a></p>`;

const refusal = ({ code, detail }: { readonly code: ErrorCode; readonly detail?: string }): string =>
  `<p role="alert">${escaped(publicErrors[code].message)}${detail === undefined ? '' : ` (${escaped(detail)})`} ${escaped(publicErrors[code].next)}</p>\n`;

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
