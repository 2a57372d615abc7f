import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../src-preload/contract/index.ts';
import { formatDay } from '../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { NameField } from '../../ui/PersonFields.tsx';
import { ReadGate } from '../../ui/ReadGate.tsx';
import css from './App.module.css';

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
    <section className={css.section} aria-labelledby="delegates">
      <div className={css.row}>
        <h2 id="delegates">{t('portal.delegates')}</h2>
        {answer.read.value?.allowed && (
          <Button size="sm" variant="default" onClick={() => setAdding(true)}>
            {t('portal.addDelegate')}
          </Button>
        )}
      </div>
      {failure && <FailureNote failure={failure} />}
      <ReadGate {...answer} lines={1}>
        {({ allowed, mine, forMe }) => (
          <>
            {mine.length === 0 && (
              <p className={css.muted}>{t(allowed ? 'portal.noDelegates' : 'portal.delegatesOff')}</p>
            )}
            <ul className={css.pairs} aria-labelledby="delegates">
              {mine.map((one) => (
                <li key={one.user}>
                  <span>{t('portal.delegateUntil', { name: one.name, when: formatDay(one.until) })}</span>
                  <Button
                    size="sm"
                    variant="default"
                    disabled={busy}
                    aria-label={t('portal.removeNamed', { name: one.name })}
                    onClick={() => void remove(one)}
                  >
                    {t('portal.remove')}
                  </Button>
                </li>
              ))}
            </ul>
            {forMe.map(({ user, name, until }) => (
              <p key={user}>{t('portal.delegateFor', { name, when: formatDay(until) })}</p>
            ))}
          </>
        )}
      </ReadGate>
      <AddDelegate opened={adding} onClose={() => setAdding(false)} />
    </section>
  );
};

const AddDelegate = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [until, setUntil] = useState('');
  const close = () => {
    setName('');
    setUntil('');
    clear();
    onClose();
  };
  const end = until === '' ? Number.NaN : new Date(`${until}T23:59:59`).getTime();
  const add = async () => {
    const added = await act('portal.delegate.add', { name, until: new Date(end).toISOString() });
    if (!added) return;
    prompts.getState().say(t('portal.delegateAdded', { name: added.name }));
    close();
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('portal.addDelegate')}
      hint={t('portal.delegateHint')}
      submit={t('portal.addDelegate')}
      busy={busy}
      ready={name.trim() !== '' && end > Date.now()}
      failure={failure}
      onSubmit={() => void add()}
      onClose={close}
    >
      <NameField
        label={t('portal.colleague')}
        description={t('portal.colleagueHint')}
        value={name}
        onChange={setName}
      />
      <TextInput
        type="date"
        label={t('portal.lastDay')}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
    </FormDialog>
  );
};
