import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../src-preload/contract/index.ts';
import { formatRelative, formatSize, formatWhen } from '../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../stores/console.ts';
import { useMinute } from '../../stores/now.ts';
import { toneOfJob } from '../../stores/tones.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ReadGate } from '../../ui/ReadGate.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import css from './App.module.css';

type Job = Output<'portal.job.list'>[number];

/** What waits for this person. No title: the coordinator has none. */
export const MyJobs = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const answer = useAnswer('portal.job.list');
  const { busy, failure, act } = useAct();
  const now = useMinute();
  const cancel = async ({ id, state }: Job) => {
    const sure = await prompts.getState().ask({
      headline: t('job.cancelHeadline'),
      hint: t(state === 'uncertain' ? 'job.cancelUncertain' : 'job.cancelHint'),
      confirm: t('job.cancelConfirm'),
      danger: true
    });
    if (sure && (await act('portal.job.cancel', { id }))) prompts.getState().say(t('portal.canceled'));
  };
  return (
    <section className={css.section} aria-labelledby="jobs">
      <h2 id="jobs">{t('portal.jobs')}</h2>
      <p className={css.muted}>{t('portal.jobsHint')}</p>
      {failure && <FailureNote failure={failure} />}
      <ReadGate {...answer} lines={2}>
        {(jobs) =>
          jobs.length === 0 ? (
            <EmptyState headline={t('portal.none')} hint={t('portal.noneHint')} />
          ) : (
            <ul className={css.list} aria-labelledby="jobs">
              {jobs.map((job) => {
                const sent = formatWhen(job.created, now);
                return (
                  <li key={job.id}>
                    <StatusMark tone={job.reachable ? toneOfJob[job.state] : 'unsure'}>
                      {t(`admin.jobs.state.${job.state}`)}
                    </StatusMark>
                    <div>
                      <p>
                        {t('portal.job', { size: formatSize(job.size), when: sent })}
                        {job.printer && ` · ${t('portal.jobAt', { printer: job.printer })}`}
                      </p>
                      <p className={css.muted}>
                        {job.reachable
                          ? t('portal.erased', { when: formatRelative(job.expires, now, t('common.now')) })
                          : t('portal.asleep')}
                      </p>
                    </div>
                    {job.state !== 'printing' && (
                      <Button
                        size="sm"
                        variant="default"
                        disabled={busy}
                        aria-label={t('portal.cancelJob', { when: sent })}
                        onClick={() => void cancel(job)}
                      >
                        {t('portal.cancel')}
                      </Button>
                    )}
                  </li>
                );
              })}
            </ul>
          )
        }
      </ReadGate>
    </section>
  );
};
