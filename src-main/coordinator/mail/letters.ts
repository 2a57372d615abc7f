import { isoTime } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { type Letter, oneLine } from './smtp.ts';

/** What we write to people: plain text, one link at most, nothing that is fetched when it is read. */
export const invitationLetter = (
  to: string,
  { organization, name, link, expires }: About & { readonly expires: number }
): Letter => ({
  to,
  subject: `Your PIN to print with ${organization}`,
  text: `You are invited to print with ${oneLine(organization)} as ${oneLine(name)}.

Choose the PIN with which you fetch what you print:

${link}

The link works once, until ${isoTime(expires).slice(0, 16).replace('T', ' ')} UTC. Opening it sets nothing yet. Give it to nobody.
`
});

export const signInLetter = (to: string, { organization, name, link }: About): Letter => ({
  to,
  subject: `Sign in to your print jobs at ${organization}`,
  text: `Somebody, you we hope, wants to sign in at ${oneLine(organization)} as ${oneLine(name)}.

If it was you, open this link in the browser where you asked for it, and press the button there:

${link}

It works once, for ${limits.signInLinkSeconds / 60} minutes. If it was not you, do nothing: nobody is signed in without the link. Give it to nobody.
`
});

export const testLetter = (to: string, organization: string): Letter => ({
  to,
  subject: `A test of the mails of ${organization}`,
  text: `Letterlock of ${oneLine(organization)} can send mails: this is one. There is nothing to do.\n`
});

interface About {
  readonly organization: string;
  readonly name: string;
  readonly link: string;
}
