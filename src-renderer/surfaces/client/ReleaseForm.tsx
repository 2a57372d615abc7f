import { Button, Checkbox, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { isErrorCode } from '../../../src-preload/contract/errors.ts';
import type { ClientState, JobView } from '../../../src-preload/contract/index.ts';
import { gradeOf } from '../../stores/jobs.ts';
import { isPinFailure, type ReleaseStore } from '../../stores/release.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { Note } from '../../ui/Note.tsx';
import { PrinterChoice } from '../../ui/PrinterChoice.tsx';
import css from './ReleaseForm.module.css';

interface Props {
  readonly state: ClientState;
  readonly job: JobView;
  readonly store: ReleaseStore;
}

/** Printer and PIN; consent to a second copy where the first may exist already. */
export const ReleaseForm = ({ state, job, store }: Props) => {
  const { t } = useTranslation();
  const { printer: chosen, user, pin, consent, failure, choose, fill, submit } = useStore(store);
  const usable = state.printers.filter((printer) => gradeOf(printer) !== 'blocked');
  const printer = usable.find(({ id }) => id === chosen) ?? usable[0];
  const uncertain = job.state === 'uncertain' || failure?.code === 'job-uncertain';
  const ready = printer && /^\d{4,32}$/.test(pin) && (state.owner || user.trim()) && (!uncertain || consent);
  const problem =
    failure && isPinFailure(failure) && isErrorCode(failure.code)
      ? [t(`errors.${failure.code}.message`), t(`errors.${failure.code}.next`), failure.detail]
          .filter(Boolean)
          .join(' ')
      : null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (printer && ready) void submit(printer.id);
  };
  if (state.printers.length === 0) return <Note tone="unsure" title={t('release.noPrinters')} />;
  return (
    <form className={css.form} onSubmit={send}>
      {failure && !isPinFailure(failure) && failure.code !== 'job-uncertain' && <FailureNote failure={failure} />}
      {uncertain && (
        <Note tone="unsure" title={t('release.uncertain')} next={t('release.uncertainHint')}>
          <Checkbox
            label={t('release.consent')}
            checked={consent}
            onChange={(event) => fill({ consent: event.currentTarget.checked })}
          />
        </Note>
      )}
      <PrinterChoice printers={state.printers} chosen={printer?.id ?? null} compact={uncertain} onChoose={choose} />
      {!state.owner && (
        <TextInput
          label={t('release.user')}
          value={user}
          onChange={(event) => fill({ user: event.currentTarget.value })}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <TextInput
        label={t('release.pin')}
        description={t('release.pinHint')}
        type="password"
        inputMode="numeric"
        maxLength={32}
        autoComplete="off"
        value={pin}
        onChange={(event) => fill({ pin: event.currentTarget.value.replace(/\D/g, '') })}
        error={problem}
        errorProps={{ role: 'alert' }}
        autoFocus
        data-autofocus
      />
      <Button className={css.submit} type="submit" fullWidth disabled={!ready}>
        {t('release.submit')}
      </Button>
    </form>
  );
};
