import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BadgeId } from '../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { useForm } from '../../stores/use-form.ts';
import { BadgeField, isBadgeNumber } from '../../ui/BadgeField.tsx';
import { BadgeList } from '../../ui/BadgeList.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { ReadGate } from '../../ui/ReadGate.tsx';
import css from './App.module.css';
import { Section } from './Section.tsx';

/** The cards with which this person may sign in at stations. */
export const MyBadges = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const answer = useAnswer('portal.badge.list');
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const remove = async (id: BadgeId) => {
    const sure = await prompts.getState().ask({
      headline: t('badge.removeHeadline'),
      hint: t('badge.removeHint'),
      confirm: t('badge.remove'),
      danger: true
    });
    if (sure && (await act('portal.badge.remove', { id }))) prompts.getState().say(t('badge.removed'));
  };
  return (
    <Section
      id="badges"
      headline={t('portal.badges')}
      add={t('badge.add')}
      onAdd={() => setAdding(true)}
      failure={failure}
    >
      <ReadGate {...answer} lines={1}>
        {(badges) =>
          badges.length === 0 ? (
            <p className={css.muted}>{t('portal.noBadges')}</p>
          ) : (
            <BadgeList badges={badges} busy={busy} onRemove={(id) => void remove(id)} />
          )
        }
      </ReadGate>
      <AddBadge opened={adding} onClose={() => setAdding(false)} />
    </Section>
  );
};

const AddBadge = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm({ number: '', pin: '' }, onClose);
  const { number, pin } = fields;
  const add = async () => {
    const added = await act('portal.badge.add', { number, pin });
    set({ pin: '' });
    if (!added) return;
    prompts.getState().say(t('portal.badgeAdded'));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('badge.add')}
      hint={t('portal.badgeHint')}
      submit={t('badge.add')}
      ready={isBadgeNumber(number) && pin.length >= 4}
      onSubmit={() => void add()}
    >
      <TextInput
        type="password"
        label={t('portal.presentPin')}
        value={pin}
        onChange={(event) => set({ pin: event.currentTarget.value.replaceAll(/\D/g, '') })}
        inputMode="numeric"
        autoComplete="current-password"
        maxLength={32}
        data-autofocus
      />
      <BadgeField value={number} onChange={(number) => set({ number })} />
    </FormDialog>
  );
};
