import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { LetterlockError } from '../../base/errors.ts';
import { parseInput } from '../../identity/device-server.ts';
import { escaped, refusalOf, requireOwnForm, sendPlainPage, withForms } from '../web/plain-page.ts';
import type { Invitations } from './invitations.ts';

/**
 * `/invitation/<secret>` of the web listener: what people open who were invited. The GET shows a form and changes nothing, whoever
 * fetches it and however often (mail servers and chat programs read links ahead); the person's own POST sets the PIN. No script.
 */
export function addInvitationPage(
  app: FastifyInstance,
  { organization, invitations }: { readonly organization: string; readonly invitations: Invitations }
): Promise<void> {
  const send = (reply: FastifyReply, status: number, body: string) =>
    sendPlainPage(reply, status, {
      title: `Your PIN – ${escaped(organization)}`,
      heading: `Print with ${escaped(organization)}`,
      body
    });
  const refuse = (reply: FastifyReply, error: unknown, again = '') => {
    const { status, body } = refusalOf(error);
    return send(reply, status, body + again);
  };

  return withForms(app, (scope) => {
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
        requireOwnForm(request);
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
