import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { JobView, StationState } from '../../../src-preload/contract/index.ts';
import type { Run, SessionStore } from '../../stores/session.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { Letter } from '../../ui/Letter.tsx';
import { LeaveSoon } from './LeaveSoon.tsx';
import css from './RunView.module.css';

interface Props {
  readonly run: Run;
  readonly state: StationState;
  readonly jobs: readonly JobView[];
  readonly session: SessionStore;
}

/** Documents on their way to the printer, and how it ended. After success this person is signed out by itself. */
export const RunView = ({ run, state, jobs, session }: Props) => {
  const { t } = useTranslation();
  const { endRun, signOut } = useStore(session);
  const results = [...run.results];
  const printer = state.printers.find(({ id }) => id === run.printer)?.name ?? t('release.printer');
  const failures = results.flatMap(([id, result]) => (typeof result === 'object' ? [{ id, failure: result }] : []));
  const printed = results.filter(([, result]) => result === 'done').length;
  const titleOf = (id: string) => jobs.find((job) => job.id === id)?.title ?? t('job.hidden');

  if (!run.finished) {
    const at = results.findIndex(([, result]) => result === 'working');
    const current = jobs.find(({ id }) => id === results[at]?.[0]);
    return (
      <main className={css.run}>
        <div className={css.words} role="status">
          <Letter situation="printing" size={160} />
          <h1>{t('station.running', { at: at + 1, of: results.length })}</h1>
          {current && <p className={css.title}>{current.title ?? t('job.hidden')}</p>}
          <p>{t('station.runningHint', { printer })}</p>
        </div>
        <div className={css.progress}>{current && <JobProgress job={current} />}</div>
      </main>
    );
  }
  if (failures.length === 0) {
    return (
      <main className={css.run}>
        <div className={css.words} role="status">
          <Letter situation="completed" size={160} />
          <h1>{t('station.done', { count: printed })}</h1>
          <p>{t('station.doneHint', { printer })}</p>
        </div>
        <LeaveSoon onLeave={() => void signOut()} onStay={endRun} />
      </main>
    );
  }
  return (
    <main className={css.run}>
      <div className={css.words} role="alert">
        <Letter situation="failed" size={120} />
        <h1>{t('station.failed', { count: failures.length })}</h1>
        {printed > 0 && <p>{t('station.done', { count: printed })}</p>}
        <p>{t('station.failedHint')}</p>
      </div>
      <ul className={css.failures}>
        {failures.map(({ id, failure }) => (
          <li key={id}>
            <h2>{titleOf(id)}</h2>
            <FailureNote failure={failure} role="note" large />
          </li>
        ))}
      </ul>
      <Button size="xl" onClick={endRun}>
        {t('station.backToList')}
      </Button>
    </main>
  );
};
