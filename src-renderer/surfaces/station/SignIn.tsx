import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { StationState } from '../../../src-preload/contract/index.ts';
import type { SessionStore } from '../../stores/session.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { Note } from '../../ui/Note.tsx';
import { Keyboard } from './Keyboard.tsx';
import { Keypad } from './Keypad.tsx';
import css from './SignIn.module.css';
import { useBadgeReader } from './use-badge-reader.ts';

interface Props {
  readonly session: SessionStore;
  accept(state: StationState): void;
}

/** How long a badge waits for its PIN, in milliseconds. */
const badgeWaits = 30_000;

/**
 * Name and PIN, or a badge and, where the organization wants it, its PIN. The keys on the screen follow the field that is being filled: letters for the name, digits for the PIN. A
 * keyboard plugged into the station works all the same.
 */
export const SignIn = ({ session, accept }: Props) => {
  const { t } = useTranslation();
  const { user, pin, badge, signingIn, failure, fill, signIn } = useStore(session);
  const [typing, setField] = useState<'user' | 'pin'>('user');
  const [early, setEarly] = useState(false);
  const field = badge ? 'pin' : typing;
  const userField = useRef<HTMLInputElement>(null);
  const pinField = useRef<HTMLInputElement>(null);
  const ids = { user: useId(), pin: useId(), problem: useId() };
  const ready = (badge !== '' || user.trim() !== '') && pin.length >= 4;
  const enter = async () => {
    const state = await signIn();
    if (state) accept(state);
  };
  useBadgeReader((scan) => {
    if (session.getState().signingIn) return;
    setEarly('ticket' in scan);
    // A ticket that was typed into a field is wiped from it: it counts for whoever has signed in, and nobody has.
    fill({ user: '', pin: '', badge: 'badge' in scan ? scan.badge : '' });
    if ('badge' in scan) void enter();
  });
  useEffect(() => {
    if (!badge || signingIn) return;
    pinField.current?.focus();
    // Whoever read it and went away is not who comes next.
    const timer = setTimeout(() => fill({ badge: '', pin: '' }), badgeWaits);
    return () => clearTimeout(timer);
  }, [badge, signingIn, fill]);
  useEffect(() => {
    if (failure && failure.code !== 'coordinator-unreachable') pinField.current?.focus();
  }, [failure]);
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) return (badge || user.trim() ? pinField : userField).current?.focus();
    await enter();
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <div className={css.fields}>
        {badge && (
          <div className={css.badge} role="status">
            <p>{t('station.badgeRead')}</p>
            <Button variant="subtle" size="lg" onClick={() => fill({ badge: '', pin: '' })}>
              {t('station.badgeNotMine')}
            </Button>
          </div>
        )}
        <label className={css.field} htmlFor={ids.user} data-active={field === 'user'} hidden={badge !== ''}>
          <span>{t('station.user')}</span>
          <input
            id={ids.user}
            ref={userField}
            value={user}
            maxLength={128}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            inputMode="none"
            // biome-ignore lint/a11y/noAutofocus: a kiosk: the first thing anybody does here is to type their name
            autoFocus
            onFocus={() => setField('user')}
            onChange={(event) => fill({ user: event.currentTarget.value })}
          />
        </label>
        <label className={css.field} htmlFor={ids.pin} data-active={field === 'pin'}>
          <span>{t('station.pin')}</span>
          <input
            id={ids.pin}
            ref={pinField}
            type="password"
            value={pin}
            maxLength={32}
            autoComplete="off"
            inputMode="none"
            aria-describedby={failure ? ids.problem : undefined}
            onFocus={() => setField('pin')}
            onChange={(event) => fill({ pin: event.currentTarget.value.replace(/\D/g, '') })}
          />
        </label>
      </div>
      <div className={css.problem} id={ids.problem}>
        {failure && <FailureNote failure={failure} />}
        {early && !failure && user === '' && pin === '' && (
          <Note tone="unsure" title={t('station.ticketEarly')} next={t('station.ticketEarlyHint')} role="alert" />
        )}
      </div>
      <div className={css.keys}>
        {field === 'user' ? (
          <Keyboard value={user} onChange={(value) => fill({ user: value })} />
        ) : (
          <Keypad value={pin} onChange={(value) => fill({ pin: value })} />
        )}
      </div>
      {field === 'user' && !ready ? (
        <Button type="submit" size="xl" fullWidth variant="light" disabled={!user.trim()}>
          {t('station.next')}
        </Button>
      ) : (
        <Button type="submit" size="xl" fullWidth disabled={!ready} loading={signingIn}>
          {t('station.signIn')}
        </Button>
      )}
    </form>
  );
};
