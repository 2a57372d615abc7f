import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BadgeId } from '../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { BadgeField, isBadgeNumber } from '../../ui/BadgeField.tsx';
import { BadgeList } from '../../ui/BadgeList.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { ReadGate } from '../../ui/ReadGate.tsx';
import css from './App.module.css';

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
    <section className={css.section} aria-labelledby="badges">
      <div className={css.row}>
        <h2 id="badges">{t('portal.badges')}</h2>
        <Button size="sm" variant="default" onClick={() => setAdding(true)}>
          {t('badge.add')}
        </Button>
      </div>
      {failure && <FailureNote failure={failure} />}
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
    </section>
  );
};

const AddBadge = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [number, setNumber] = useState('');
  const [pin, setPin] = useState('');
  const close = () => {
    setNumber('');
    setPin('');
    clear();
    onClose();
  };
  const add = async () => {
    const added = await act('portal.badge.add', { number, pin });
    setPin('');
    if (!added) return;
    prompts.getState().say(t('portal.badgeAdded'));
    close();
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('badge.add')}
      hint={t('portal.badgeHint')}
      submit={t('badge.add')}
      busy={busy}
      ready={isBadgeNumber(number) && pin.length >= 4}
      failure={failure}
      onSubmit={() => void add()}
      onClose={close}
    >
      <TextInput
        type="password"
        label={t('portal.presentPin')}
        value={pin}
        onChange={(event) => setPin(event.currentTarget.value.replaceAll(/\D/g, ''))}
        inputMode="numeric"
        autoComplete="current-password"
        maxLength={32}
        data-autofocus
      />
      <BadgeField value={number} onChange={setNumber} />
    </FormDialog>
  );
};
