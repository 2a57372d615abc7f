import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { JobView, StationState } from '../../../src-preload/contract/index.ts';
import { canRelease, gradeOf, isFinished } from '../../stores/jobs.ts';
import type { SessionStore } from '../../stores/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { Letter } from '../../ui/Letter.tsx';
import { Note } from '../../ui/Note.tsx';
import { PrinterChoice } from '../../ui/PrinterChoice.tsx';
import css from './Documents.module.css';
import { OfflineNote } from './OfflineNote.tsx';
import { StationJob } from './StationJob.tsx';
import { useBadgeReader } from './use-badge-reader.ts';

interface Props {
  readonly state: StationState;
  readonly jobs: readonly JobView[];
  readonly session: SessionStore;
}

/** What waits for this person: choose some or all, choose a printer if there are several, print. */
export const Documents = ({ state, jobs, session }: Props) => {
  const { t } = useTranslation();
  const {
    selected,
    printer: chosen,
    failure,
    reading,
    ticket,
    toggle,
    select,
    choose,
    cancel,
    print
  } = useStore(session);
  const [canceling, setCanceling] = useState<JobView | null>(null);
  const [question, setQuestion] = useState<'cancel' | 'second-copy' | null>(null);
  useBadgeReader((scan) => {
    if ('ticket' in scan) void ticket(scan.ticket);
  });
  const ownerOf = ({ owner }: JobView) => (owner === state.session?.user ? null : owner);
  const open = jobs.filter((job) => !isFinished(job));
  // One's own first; those of others are chosen one by one.
  const waiting = [...open.filter((job) => !ownerOf(job)), ...open.filter(ownerOf)];
  const ready = waiting.filter(canRelease);
  const picked = ready.filter(({ id }) => selected.has(id));
  const usable = state.printers.filter((each) => gradeOf(each) !== 'blocked');
  const printer = usable.find(({ id }) => id === chosen) ?? usable[0];
  const own = ready.filter((job) => !ownerOf(job));
  const all = own.every(({ id }) => selected.has(id));
  const start = () => {
    setQuestion(null);
    if (printer) void print(picked, printer.id);
  };
  if (waiting.length === 0) {
    return (
      <main className={css.none}>
        <Letter situation="completed" size={160} />
        <h1>{t('station.none')}</h1>
        <p>{t('station.noneHint')}</p>
        {failure && <FailureNote failure={failure} large />}
      </main>
    );
  }
  return (
    <main className={css.page}>
      <section className={css.documents} aria-labelledby="documents">
        <div className={css.top}>
          <h1 id="documents">{t('station.documents', { count: waiting.length })}</h1>
          {own.length > 1 && (
            <Button size="xl" variant="subtle" onClick={() => select(all ? [] : own.map(({ id }) => id))}>
              {t(all ? 'station.selectNone' : 'station.selectAll')}
            </Button>
          )}
        </div>
        {failure && <FailureNote failure={failure} large />}
        {reading && (
          <p className={css.reading} role="status">
            {t('station.ticketReading')}
          </p>
        )}
        <ul className={css.list}>
          {waiting.map((job) => (
            <StationJob
              key={job.id}
              job={job}
              selected={selected.has(job.id)}
              owner={ownerOf(job)}
              onToggle={() => toggle(job.id)}
              onCancel={() => {
                setCanceling(job);
                setQuestion('cancel');
              }}
            />
          ))}
        </ul>
      </section>
      <aside className={css.side}>
        <OfflineNote connection={state.connection} />
        {state.printers.length > 0 ? (
          <PrinterChoice printers={state.printers} chosen={printer?.id ?? null} onChoose={choose} large />
        ) : (
          <Note tone="unsure" title={t('release.noPrinters')} large />
        )}
        <Button
          className={css.print}
          size="xl"
          fullWidth
          disabled={picked.length === 0 || !printer}
          onClick={() => (picked.some(({ state: of }) => of === 'uncertain') ? setQuestion('second-copy') : start())}
        >
          {t('station.print', { count: picked.length })}
        </Button>
      </aside>
      <ConfirmDialog
        opened={question === 'cancel'}
        headline={t('job.cancelHeadline')}
        hint={t(canceling?.state === 'uncertain' ? 'job.cancelUncertain' : 'job.cancelHint')}
        confirm={t('job.cancelConfirm')}
        keep={t('job.keep')}
        danger
        large
        onConfirm={() => {
          setQuestion(null);
          if (canceling) void cancel(canceling.id);
        }}
        onClose={() => setQuestion(null)}
      />
      <ConfirmDialog
        opened={question === 'second-copy'}
        headline={t('station.consentHeadline')}
        hint={t('station.consentHint')}
        confirm={t('station.consentConfirm')}
        keep={t('common.back')}
        large
        onConfirm={start}
        onClose={() => setQuestion(null)}
      />
    </main>
  );
};
