import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BadgeId, Output } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
import { BadgeField, isBadgeNumber } from '../../../ui/BadgeField.tsx';
import { BadgeList } from '../../../ui/BadgeList.tsx';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from '../pages/pages.module.css';

type User = Pick<Output<'admin.user.list'>[number], 'id' | 'name' | 'host'>;

/** The badges of one user, and a way to add another one. */
export const Badges = ({ user }: { readonly user: User }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('manage');
  const answer = useAnswer('admin.badge.list', { user: user.id });
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const remove = async (id: BadgeId) => {
    const sure = await prompts.getState().ask({
      headline: t('badge.removeHeadline'),
      hint: t('badge.removeHint'),
      confirm: t('badge.remove'),
      danger: true
    });
    if (sure && (await act('admin.badge.remove', { id }))) prompts.getState().say(t('badge.removed'));
  };
  if (user.host) return null;
  return (
    <section className={css.section} aria-labelledby="badges">
      <h2 id="badges">{t('badge.badges')}</h2>
      {failure && <FailureNote failure={failure} />}
      <ReadGate {...answer} lines={1}>
        {(badges) =>
          badges.length === 0 ? (
            <p>{t('badge.none')}</p>
          ) : (
            <BadgeList badges={badges} busy={busy} onRemove={may ? (id) => void remove(id) : undefined} />
          )
        }
      </ReadGate>
      {may && (
        <div>
          <Button size="sm" variant="default" onClick={() => setAdding(true)}>
            {t('badge.add')}
          </Button>
        </div>
      )}
      <AddBadge user={user} opened={adding} onClose={() => setAdding(false)} />
    </section>
  );
};

interface AddProps {
  readonly user: User;
  readonly opened: boolean;
  onClose(): void;
}

const AddBadge = ({ user, opened, onClose }: AddProps) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm({ number: '' }, onClose);
  const { number } = fields;
  const add = async () => {
    const added = await act('admin.badge.add', { user: user.id, number });
    set({ number: '' });
    if (!added) return;
    prompts.getState().say(t('badge.addedTo', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('badge.addFor', { name: user.name })}
      hint={t('badge.addHint')}
      submit={t('badge.add')}
      ready={isBadgeNumber(number)}
      onSubmit={() => void add()}
    >
      <BadgeField first value={number} onChange={(number) => set({ number })} />
    </FormDialog>
  );
};
