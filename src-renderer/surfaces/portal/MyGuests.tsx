import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../src-preload/contract/index.ts';
import { formatWhen } from '../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { useMinute } from '../../stores/now.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { NameField } from '../../ui/PersonFields.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import css from './App.module.css';

type Guest = Output<'portal.guest.list'>['guests'][number];

/** People from outside who may print for a while, by this person's word. Shown only to those who may invite somebody. */
export const MyGuests = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const guests = useAnswer('portal.guest.list').read.value;
  const { busy, failure, act } = useAct();
  const now = useMinute();
  const [inviting, setInviting] = useState(false);
  if (!guests || (!guests.allowed && guests.guests.length === 0)) return null;
  const remove = async ({ id, name }: Guest) => {
    const sure = await prompts.getState().ask({
      headline: t('portal.removeGuestHeadline', { name }),
      hint: t('portal.removeGuestHint'),
      confirm: t('portal.remove'),
      danger: true
    });
    if (sure && (await act('portal.guest.remove', { id }))) prompts.getState().say(t('portal.guestRemoved', { name }));
  };
  return (
    <section className={css.section} aria-labelledby="guests">
      <div className={css.row}>
        <h2 id="guests">{t('portal.guests')}</h2>
        {guests.allowed && (
          <Button size="sm" variant="default" onClick={() => setInviting(true)}>
            {t('portal.inviteGuest')}
          </Button>
        )}
      </div>
      {failure && <FailureNote failure={failure} />}
      {guests.guests.length === 0 && <p className={css.muted}>{t('portal.noGuests')}</p>}
      <ul className={css.list} aria-labelledby="guests">
        {guests.guests.map((guest) => (
          <li key={guest.id}>
            <StatusMark tone={guest.hasPin ? 'good' : 'quiet'}>
              {t(guest.hasPin ? 'portal.guestReady' : 'portal.guestWaits')}
            </StatusMark>
            <span>{t('portal.guestUntil', { name: guest.name, when: formatWhen(guest.until, now) })}</span>
            <Button
              size="sm"
              variant="default"
              disabled={busy}
              aria-label={t('portal.removeNamed', { name: guest.name })}
              onClick={() => void remove(guest)}
            >
              {t('portal.remove')}
            </Button>
          </li>
        ))}
      </ul>
      <InviteGuest opened={inviting} longest={guests.longestHours} onClose={() => setInviting(false)} />
    </section>
  );
};

interface InviteProps {
  readonly opened: boolean;
  /** Hours that the organization allows at most. */
  readonly longest: number;
  onClose(): void;
}

const InviteGuest = ({ opened, longest, onClose }: InviteProps) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [typed, setHours] = useState('');
  const hours = Number(typed || Math.min(longest, 24));
  const close = () => {
    setName('');
    setHours('');
    clear();
    onClose();
  };
  const invite = async () => {
    const made = await act('portal.guest.invite', { name, hours });
    if (!made) return;
    close();
    prompts.getState().reveal({
      headline: t('portal.guestLink', { name: made.name }),
      hint: t('portal.guestLinkHint'),
      texts: [made.link]
    });
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('portal.inviteGuest')}
      hint={t('portal.guestHint')}
      submit={t('portal.inviteGuest')}
      busy={busy}
      ready={name.trim() !== '' && Number.isInteger(hours) && hours >= 1 && hours <= longest}
      failure={failure}
      onSubmit={() => void invite()}
      onClose={close}
    >
      <NameField label={t('portal.guestName')} value={name} onChange={setName} />
      <TextInput
        type="number"
        label={t('portal.guestHours')}
        description={t('portal.guestHoursHint', { count: longest })}
        value={String(hours)}
        onChange={(event) => setHours(event.currentTarget.value)}
        min={1}
        max={longest}
      />
    </FormDialog>
  );
};
