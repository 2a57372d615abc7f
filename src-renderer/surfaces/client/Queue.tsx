import { VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bridge, ClientState, Failure, JobId, JobView } from '../../../src-preload/contract/index.ts';
import { ask } from '../../gateway/bridge.ts';
import { outageOf } from '../../stores/connection.ts';
import { forecast } from '../../stores/forecast.ts';
import { isFinished } from '../../stores/jobs.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { Note } from '../../ui/Note.tsx';
import { EmptyQueue } from './EmptyQueue.tsx';
import { ForecastLine } from './ForecastLine.tsx';
import { JobRow } from './JobRow.tsx';
import css from './Queue.module.css';

interface Props {
  readonly state: ClientState;
  readonly bridge: Bridge;
  onRelease(job: JobId): void;
  onTicket(job: JobId): void;
}

/** The jobs: first what a person must know (is anything out of reach, may the lid be closed), then each of them. */
export const Queue = ({ state, bridge, onRelease, onTicket }: Props) => {
  const { t } = useTranslation();
  const [canceling, setCanceling] = useState<JobView | null>(null);
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const outage = outageOf(state.connection, state.device.id);
  const outlook = forecast(state.jobs, state.device.id);
  const groups = [
    { name: 'waiting', jobs: state.jobs.filter((job) => !isFinished(job)) },
    { name: 'finished', jobs: state.jobs.filter(isFinished) }
  ] as const;
  const cancel = async (job: JobId) => {
    setAsking(false);
    const result = await ask(bridge, 'client.cancel', { job });
    setFailure(result.ok ? null : result);
  };
  return (
    <main className={css.queue}>
      <VisuallyHidden component="h1">{t('client.queue')}</VisuallyHidden>
      {outage && (
        <Note
          tone="offline"
          role="status"
          title={t(`connection.${outage}Banner`)}
          next={t(`connection.${outage}BannerHint`)}
        />
      )}
      {failure && <FailureNote failure={failure} />}
      {outlook && <ForecastLine forecast={outlook} />}
      {groups[0].jobs.length === 0 && <EmptyQueue compact={groups[1].jobs.length > 0} />}
      {groups.map(
        ({ name, jobs }) =>
          jobs.length > 0 && (
            <section key={name} aria-labelledby={name}>
              <h2 id={name} className={css.heading}>
                {t(`client.${name}`)}
              </h2>
              <ul className={css.list} aria-labelledby={name}>
                {jobs.map((job) => (
                  <JobRow
                    key={job.id}
                    job={job}
                    printers={state.printers}
                    onRelease={() => onRelease(job.id)}
                    onTicket={() => onTicket(job.id)}
                    onCancel={() => {
                      setCanceling(job);
                      setAsking(true);
                    }}
                  />
                ))}
              </ul>
            </section>
          )
      )}
      <ConfirmDialog
        opened={asking}
        headline={t('job.cancelHeadline')}
        hint={t(canceling?.state === 'uncertain' ? 'job.cancelUncertain' : 'job.cancelHint')}
        confirm={t('job.cancelConfirm')}
        keep={t('job.keep')}
        danger
        onConfirm={() => canceling && void cancel(canceling.id)}
        onClose={() => setAsking(false)}
      />
    </main>
  );
};
