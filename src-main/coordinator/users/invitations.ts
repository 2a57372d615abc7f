import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { InvitationId, type InvitationLink, type InvitationView } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { failure, LetterlockError } from '../../base/errors.ts';
import type { Act, Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import { invitationLetter } from '../mail/letters.ts';
import type { Mail } from '../mail/mail.ts';
import type { CoordinatorStore, Tables, UserRecord } from '../store.ts';
import { addUser, emailKey, nameKey, requireUser } from './accounts.ts';
import type { Pins } from './pins.ts';
import type { InvitationRecord } from './tables.ts';
import type { Users } from './users.ts';

/**
 * Links with which people set their own PIN, once, within a time. The secret is 32 random bytes that only the link carries
 * (here lies its hash). It is mailed, or handed over by whoever invites. Looking at it never has an effect. Who uses a link that was
 * mailed and shown to nobody has also confirmed the address.
 */
export interface Invitations {
  /** Within an act: takes the place of an earlier one of the same user. */
  issue(
    act: Act,
    user: UserRecord,
    terms: { readonly email: string | null; readonly hours: number }
  ): Promise<InvitationLink>;
  /** Whose it is; changes nothing. Throws `invitation-invalid`. */
  look(secret: string): Promise<UserRecord>;
  /** The person's own word. Throws `invitation-invalid`, `pin-weak`, and `conflict` when the e-mail address is somebody else's by now. */
  accept(secret: string, pin: string): Promise<void>;
  readonly handlers: AdminArea<'invitation'>;
}

export function createInvitations(options: {
  readonly store: CoordinatorStore;
  readonly users: Pick<Users, 'signOut'>;
  readonly pins: Pins;
  readonly mail: Mail;
  readonly organizationName: string;
  /** https://host:port of the web listener. */
  readonly webUrl: () => string;
  readonly perform: Perform;
  readonly clock: Clock;
}): Invitations {
  const { store, users, pins, mail, organizationName, webUrl, perform, clock } = options;

  /** One answer for all that does not work: nobody learns which it was. */
  async function opened(tables: Tables, secret: string): Promise<{ invitation: InvitationRecord; user: UserRecord }> {
    const invitation = await tables.invitations.bySecretHash(hashOf(secret));
    const user = invitation && (await tables.users.get(invitation.user));
    if (!invitation || invitation.expires <= clock.now() || user?.status !== 'active')
      throw new LetterlockError('invitation-invalid');
    return { invitation, user };
  }

  const self: Omit<Invitations, 'handlers'> = {
    async issue({ tables, record }, user, { email, hours }) {
      const now = clock.now();
      const secret = randomBytes(32).toString('base64url');
      const invitation: InvitationRecord = {
        id: InvitationId.parse(randomUUID()),
        user: user.id,
        email,
        secretHash: hashOf(secret),
        created: now,
        expires: now + hours * 3600 * 1000,
        mailedTo: null
      };
      await tables.invitations.removeOver(now);
      await tables.invitations.removeOf(user.id);
      await tables.invitations.insert(invitation);
      record('invitation.created', invitation.id, { user: user.id, hours });
      return { ...view(invitation, user.name), link: `${webUrl()}/invitation/${secret}` };
    },

    look: async (secret) => (await opened(store.tables, secret)).user,

    async accept(secret, pin) {
      const { user } = await opened(store.tables, secret);
      const pinHash = await pins.hash(pin, user.id);
      await perform(`user:${user.id}`, async ({ tables, record, after }) => {
        const { invitation } = await opened(tables, secret);
        await tables.invitations.remove(invitation.id);
        const { email, mailedTo } = invitation;
        if (email !== null && !(await tables.users.rename(user.id, { email })))
          throw new LetterlockError('conflict', 'this e-mail address is taken');
        await tables.users.setPinHash(user.id, pinHash);
        await tables.webSessions.removeOf('user', user.id);
        record('invitation.accepted', invitation.id, { user: user.id });
        record('user.pin-set', user.id);
        if (email !== null) record('user.email-set', user.id, { set: true });
        if (mailedTo !== null && mailedTo === (email ?? user.email)) {
          await tables.confirmedEmails.set(user.id, mailedTo, clock.now());
          record('user.email-confirmed', user.id);
        }
        after(() => users.signOut(user.id));
      });
    }
  };

  async function deliver({ id, name, link, expires }: InvitationLink, to: string, shown: boolean, actor: string) {
    await mail.send(invitationLetter(to, { organization: organizationName, name, link, expires: Date.parse(expires) }));
    await perform(actor, async ({ tables, record }) => {
      if (!shown) await tables.invitations.setMailedTo(id, to);
      record('invitation.mailed', id, { shown });
    });
  }

  return {
    ...self,
    handlers: {
      async 'admin.invitation.list'() {
        const open = (await store.tables.invitations.list()).filter(({ expires }) => expires > clock.now());
        return Promise.all(open.map(async (one) => view(one, (await requireUser(store.tables, one.user)).name)));
      },
      async 'admin.invitation.create'({ name, email, hours, showLink }, actor) {
        const address = email === undefined ? null : emailKey(email);
        const { made, to } = await perform(actor, async (act) => {
          const user =
            (await known(act.tables, name, address)) ??
            (await addUser(act, { name: name ?? address ?? '', now: clock.now() }));
          if (user.status !== 'active') throw new LetterlockError('conflict', 'this user is suspended');
          const terms = { email: address === user.email ? null : address, hours };
          return { made: await self.issue(act, user, terms), to: address ?? user.email };
        });
        if (to === null || !(await mail.isSetUp())) return { ...made, mailedTo: null, failure: null };
        try {
          await deliver(made, to, showLink, actor);
          return { ...made, link: showLink ? made.link : null, mailedTo: to, failure: null };
        } catch (error) {
          const { message, detail } = failure(error);
          return { ...made, mailedTo: null, failure: detail ?? message };
        }
      },
      'admin.invitation.revoke': ({ id }, actor) =>
        perform(actor, async ({ tables, record }) => {
          const invitation = await tables.invitations.get(id);
          if (!invitation) throw new LetterlockError('not-found', 'invitation');
          await tables.invitations.remove(id);
          record('invitation.revoked', id, { user: invitation.user });
          return {};
        })
    }
  };
}

/** Whoever has the address, or the name. Throws `conflict` when these are two people. */
async function known(
  { users }: Tables,
  name: string | undefined,
  email: string | null
): Promise<UserRecord | undefined> {
  const byEmail = email === null ? undefined : await users.byEmail(email);
  const byName = await users.byNameKey(nameKey(name ?? email ?? ''));
  if (byEmail && name !== undefined && byEmail.id !== byName?.id)
    throw new LetterlockError('conflict', 'this e-mail address is somebody else’s');
  return byEmail ?? byName;
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

const view = (
  { id, user, email, created, expires }: InvitationRecord,
  name: string
): z.infer<typeof InvitationView> => ({
  id,
  user,
  name,
  email,
  created: isoTime(created),
  expires: isoTime(expires)
});
