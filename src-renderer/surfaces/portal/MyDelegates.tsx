import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../src-preload/contract/index.ts';
import { formatDay } from '../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { useForm } from '../../stores/use-form.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { NameField } from '../../ui/PersonFields.tsx';
import { ReadGate } from '../../ui/ReadGate.tsx';
import css from './App.module.css';
import { PeopleList } from './PeopleList.tsx';
import { Section } from './Section.tsx';

type Delegate = Output<'portal.delegate.list'>['mine'][number];

/** Colleagues who may see and release this person's jobs until a date, and those for whom this person may. */
export const MyDelegates = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const answer = useAnswer('portal.delegate.list');
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const remove = async ({ user, name }: Delegate) => {
    if (await act('portal.delegate.remove', { user })) prompts.getState().say(t('portal.delegateRemoved', { name }));
  };
  return (
    <Section
      id="delegates"
      headline={t('portal.delegates')}
      add={answer.read.value?.allowed ? t('portal.addDelegate') : undefined}
      onAdd={() => setAdding(true)}
      failure={failure}
    >
      <ReadGate {...answer} lines={1}>
        {({ allowed, mine, forMe }) => (
          <>
            {mine.length === 0 && (
              <p className={css.muted}>{t(allowed ? 'portal.noDelegates' : 'portal.delegatesOff')}</p>
            )}
            <PeopleList
              people={mine}
              labelledBy="delegates"
              busy={busy}
              keyOf={({ user }) => user}
              wordsOf={({ name, until }) => t('portal.delegateUntil', { name, when: formatDay(until) })}
              onRemove={(one) => void remove(one)}
            />
            {forMe.map(({ user, name, until }) => (
              <p key={user}>{t('portal.delegateFor', { name, when: formatDay(until) })}</p>
            ))}
          </>
        )}
      </ReadGate>
      <AddDelegate opened={adding} onClose={() => setAdding(false)} />
    </Section>
  );
};

const AddDelegate = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm({ name: '', until: '' }, onClose);
  const { name, until } = fields;
  const end = until === '' ? Number.NaN : new Date(`${until}T23:59:59`).getTime();
  const add = async () => {
    const added = await act('portal.delegate.add', { name, until: new Date(end).toISOString() });
    if (!added) return;
    prompts.getState().say(t('portal.delegateAdded', { name: added.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('portal.addDelegate')}
      hint={t('portal.delegateHint')}
      submit={t('portal.addDelegate')}
      ready={name.trim() !== '' && end > Date.now()}
      onSubmit={() => void add()}
    >
      <NameField
        label={t('portal.colleague')}
        description={t('portal.colleagueHint')}
        value={name}
        onChange={(name) => set({ name })}
      />
      <TextInput
        type="date"
        label={t('portal.lastDay')}
        value={until}
        onChange={(event) => set({ until: event.currentTarget.value })}
      />
    </FormDialog>
  );
};
