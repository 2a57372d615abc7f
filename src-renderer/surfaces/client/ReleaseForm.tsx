import { Button, Checkbox } from '@mantine/core';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ClientState, JobView } from '../../../src-preload/contract/index.ts';
import { gradeOf } from '../../stores/jobs.ts';
import { isPinFailure, type ReleaseStore } from '../../stores/release.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { Note } from '../../ui/Note.tsx';
import { PrinterChoice } from '../../ui/PrinterChoice.tsx';
import { isFilled, OwnerFields } from './OwnerFields.tsx';
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
  const ready = printer && isFilled({ owner: state.owner, user, pin }) && (!uncertain || consent);
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
      <OwnerFields {...{ user, pin, failure, fill }} owner={state.owner} hint={t('release.pinHint')} />
      <Button className={css.submit} type="submit" fullWidth disabled={!ready}>
        {t('release.submit')}
      </Button>
    </form>
  );
};
