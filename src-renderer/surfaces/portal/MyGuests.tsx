import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../src-preload/contract/index.ts';
import { formatWhen } from '../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { useMinute } from '../../stores/now.ts';
import { useForm } from '../../stores/use-form.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { NameField } from '../../ui/PersonFields.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import css from './App.module.css';
import { PeopleList } from './PeopleList.tsx';
import { Section } from './Section.tsx';

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
    <Section
      id="guests"
      headline={t('portal.guests')}
      add={guests.allowed ? t('portal.inviteGuest') : undefined}
      onAdd={() => setInviting(true)}
      failure={failure}
    >
      {guests.guests.length === 0 && <p className={css.muted}>{t('portal.noGuests')}</p>}
      <PeopleList
        people={guests.guests}
        labelledBy="guests"
        busy={busy}
        keyOf={({ id }) => id}
        wordsOf={({ name, until }) => t('portal.guestUntil', { name, when: formatWhen(until, now) })}
        markOf={({ hasPin }) => (
          <StatusMark tone={hasPin ? 'good' : 'quiet'}>
            {t(hasPin ? 'portal.guestReady' : 'portal.guestWaits')}
          </StatusMark>
        )}
        onRemove={(guest) => void remove(guest)}
      />
      <InviteGuest opened={inviting} longest={guests.longestHours} onClose={() => setInviting(false)} />
    </Section>
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
  const { fields, set, act, close, dialog } = useForm({ name: '', hours: '' }, onClose);
  const { name } = fields;
  const hours = Number(fields.hours || Math.min(longest, 24));
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
      {...dialog}
      opened={opened}
      headline={t('portal.inviteGuest')}
      hint={t('portal.guestHint')}
      submit={t('portal.inviteGuest')}
      ready={name.trim() !== '' && Number.isInteger(hours) && hours >= 1 && hours <= longest}
      onSubmit={() => void invite()}
    >
      <NameField label={t('portal.guestName')} value={name} onChange={(name) => set({ name })} />
      <TextInput
        type="number"
        label={t('portal.guestHours')}
        description={t('portal.guestHoursHint', { count: longest })}
        value={String(hours)}
        onChange={(event) => set({ hours: event.currentTarget.value })}
        min={1}
        max={longest}
      />
    </FormDialog>
  );
};
