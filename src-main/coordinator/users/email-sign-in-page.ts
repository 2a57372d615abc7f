import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { parseInput } from '../../identity/device-server.ts';
import { escaped, refusalOf, requireOwnForm, sendPlainPage, withForms } from '../web/plain-page.ts';
import { clearSignInLinkCookie, signInLinkCookie } from '../web/session-cookie.ts';
import type { WebSignIn } from '../web/session-procedures.ts';
import { webCall } from '../web/web-call.ts';
import type { EmailSignIn } from './email-sign-in.ts';

/**
 * `/sign-in/<secret>` of the web listener: what people open who asked for a link. The GET shows a button and changes nothing, whoever
 * fetches it and however often; the person's own POST, in the browser that asked, opens the session. No script.
 */
export function addEmailSignInPage(
  app: FastifyInstance,
  options: {
    readonly organization: string;
    readonly signIn: Pick<EmailSignIn, 'look' | 'take'>;
    readonly openWebSession: WebSignIn['openWebSession'];
  }
): Promise<void> {
  const { organization, signIn, openWebSession } = options;
  const send = (reply: FastifyReply, status: number, body: string) =>
    sendPlainPage(reply, status, {
      title: `Sign in – ${escaped(organization)}`,
      heading: `My print jobs at ${escaped(organization)}`,
      body
    });
  const refuse = (reply: FastifyReply, error: unknown) => {
    const { status, body } = refusalOf(error);
    return send(reply, status, `${body}<p><a href="/portal">To the sign-in page</a></p>`);
  };

  return withForms(app, (scope) => {
    scope.get('/sign-in/:secret', async (request, reply) => {
      try {
        const { secret } = parseInput(Path, request.params);
        const { name } = await signIn.look(secret, request.cookies[signInLinkCookie]);
        return send(reply, 200, form(name));
      } catch (error) {
        return refuse(reply, error);
      }
    });
    scope.post('/sign-in/:secret', async (request, reply) => {
      try {
        requireOwnForm(request);
        const { secret } = parseInput(Path, request.params);
        const user = await signIn.take(secret, request.cookies[signInLinkCookie]);
        clearSignInLinkCookie(reply);
        await openWebSession({ user }, webCall(request, reply, null), 'email-link');
        return reply.redirect('/portal', 303);
      } catch (error) {
        return refuse(reply, error);
      }
    });
  });
}

const Path = z.object({ secret: z.string().max(64) });

const form = (name: string): string => `<form method="post">
<p>Nobody is signed in before you press the button. The link works once.</p>
<p><button>Sign in as ${escaped(name)}</button></p>
</form>`;
