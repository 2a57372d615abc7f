import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import { signInLetter } from '../mail/letters.ts';
import type { Mail } from '../mail/mail.ts';
import { networkOf } from '../pairing/requests.ts';
import type { CoordinatorStore, Tables, UserRecord } from '../store.ts';
import { theUser, type WebArea, type WebCall } from '../web/web-call.ts';
import { emailKey } from './accounts.ts';
import { createAllowance } from './allowance.ts';

/**
 * Signing in to the portal with a link that is mailed: for users with a confirmed address, never for administrators, and only where
 * the rules allow it. The link works once, for limits.signInLinkSeconds, in the browser that asked for it; here lie hashes of both.
 */
export interface EmailSignIn {
  readonly handlers: WebArea<'email-link'>;
  /** Who is signed in already gets a link for an address that is not confirmed yet: with its use it is. */
  readonly portalHandlers: Pick<WebArea<'portal'>, 'portal.email.get' | 'portal.email.confirm'>;
  /**
   * Whom this link would sign in; changes nothing. `browser`: its cookie. Throws `sign-in-link-invalid`, and `sign-in-link-elsewhere` in
   * a browser that did not ask.
   */
  look(secret: string, browser: string | undefined): Promise<UserRecord>;
  /** The person's own word: the same, and no link of this user works any more. */
  take(secret: string, browser: string | undefined): Promise<UserRecord>;
}

export function createEmailSignIn(options: {
  readonly store: CoordinatorStore;
  readonly mail: Mail;
  readonly organizationName: string;
  /** https://host:port of the web listener. */
  readonly webUrl: () => string;
  readonly perform: Perform;
  readonly clock: Clock;
}): EmailSignIn {
  const { store, mail, organizationName, webUrl, perform, clock } = options;
  const seconds = limits.signInLinkSeconds;
  const toAddress = createAllowance({ count: limits.signInLinks, seconds, clock });
  const fromNetwork = createAllowance({ count: limits.signInLinksPerNetwork, seconds, clock });

  const isAllowed = async ({ organization }: Tables) => (await organization.userRules()).emailSignIn;
  /** Links lead to our own address, whatever the browser calls us: elsewhere its cookie would be missing. */
  const isOffered = async ({ host }: WebCall) =>
    host === new URL(webUrl()).host && (await isAllowed(store.tables)) && mail.isSetUp();

  async function opened(tables: Tables, secret: string, browser: string | undefined): Promise<UserRecord> {
    const link = await tables.signInLinks.get(hashOf(secret));
    const user = link && (await tables.users.get(link.user));
    const fits = user?.status === 'active' && user.email === link?.email && (await isAllowed(tables));
    if (!link || !fits || link.expires <= clock.now()) throw new LetterlockError('sign-in-link-invalid');
    if (browser === undefined || link.browserHash !== hashOf(browser))
      throw new LetterlockError('sign-in-link-elsewhere');
    return user;
  }

  /** Whoever waits for the answer has it already: how long this takes tells nobody whether the address is known. */
  async function sendTo(email: string, from: Asking): Promise<void> {
    if (!toAddress(email)) return;
    const user = await store.tables.users.byEmail(email);
    if (user?.status === 'active' && (await isConfirmed(store.tables, user))) await send(user, email, from);
  }

  async function send(user: UserRecord, email: string, { browser, address }: Asking): Promise<void> {
    const secret = randomBytes(32).toString('base64url');
    await perform('coordinator', async ({ tables, record }) => {
      const now = clock.now();
      await tables.signInLinks.removeOver(now);
      if ((await tables.signInLinks.countOf(user.id)) >= limits.signInLinks)
        throw new LetterlockError('rate-limited', 'links');
      await tables.signInLinks.insert({
        secretHash: hashOf(secret),
        browserHash: hashOf(browser),
        user: user.id,
        email,
        expires: now + seconds * 1000
      });
      record('session.link-asked', user.id, { address });
    });
    const link = `${webUrl()}/sign-in/${secret}`;
    await mail.send(signInLetter(email, { organization: organizationName, name: user.name, link }));
  }

  return {
    handlers: {
      'email-link.get': async (_input, call) => ({ offered: await isOffered(call) }),
      async 'email-link.ask'({ email }, call) {
        if (!(await isOffered(call))) throw new LetterlockError('not-found', 'sign-in by e-mail');
        if (!fromNetwork(networkOf(call.address))) throw new LetterlockError('rate-limited', 'links');
        const from = asking(call);
        mail.inBackground(() => sendTo(emailKey(email), from));
        return {};
      }
    },
    portalHandlers: {
      async 'portal.email.get'(_input, call) {
        const { user } = theUser(call);
        return { email: user.email, confirmed: await isConfirmed(store.tables, user), offered: await isOffered(call) };
      },
      async 'portal.email.confirm'(_input, call) {
        const { user } = theUser(call);
        if (!(await isOffered(call))) throw new LetterlockError('not-found', 'sign-in by e-mail');
        if (user.email === null) throw new LetterlockError('conflict', 'no e-mail address');
        if (!toAddress(user.email)) throw new LetterlockError('rate-limited', 'links');
        await send(user, user.email, asking(call));
        return {};
      }
    },
    look: (secret, browser) => opened(store.tables, secret, browser),
    take: (secret, browser) =>
      perform('coordinator', async ({ tables, record }) => {
        const user = await opened(tables, secret, browser);
        await tables.signInLinks.removeOf(user.id);
        if (user.email !== null && !(await isConfirmed(tables, user))) {
          await tables.confirmedEmails.set(user.id, user.email, clock.now());
          record('user.email-confirmed', user.id);
        }
        return user;
      })
  };
}

const isConfirmed = async ({ confirmedEmails }: Tables, { id, email }: UserRecord): Promise<boolean> =>
  email !== null && (await confirmedEmails.get(id)) === email;

interface Asking {
  /** What only this browser knows. */
  readonly browser: string;
  readonly address: string;
}
function asking(call: WebCall): Asking {
  const browser = randomBytes(32).toString('base64url');
  call.setSignInLink(browser, limits.signInLinkSeconds);
  return { browser, address: call.address };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
