import { ActionIcon, Button } from '@mantine/core';
import { type Icon, IconTicket, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { JobView, PrinterView } from '../../../src-preload/contract/index.ts';
import { canCancel, canRelease, isFinished, situationOf } from '../../stores/jobs.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { GradeMark } from '../../ui/GradeMark.tsx';
import { Holders } from '../../ui/Holders.tsx';
import { JobFacts } from '../../ui/JobFacts.tsx';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { Letter } from '../../ui/Letter.tsx';
import css from './JobRow.module.css';
import { WhyNodes } from './WhyNodes.tsx';

interface Props {
  readonly job: JobView;
  readonly printers: readonly PrinterView[];
  onRelease(): void;
  onTicket(): void;
  onCancel(): void;
}

/** One job: what it is, how it stands, where it is held, what can be done with it. */
export const JobRow = ({ job, printers, onRelease, onTicket, onCancel }: Props) => {
  const { t } = useTranslation();
  const situation = situationOf(job);
  const title = job.title ?? t('job.hidden');
  const printer = printers.find(({ name }) => name === job.printer);
  const again = situation === 'uncertain';
  return (
    <li className={css.row} data-job={job.id} data-situation={situation} aria-label={title}>
      <Letter situation={situation} />
      <div className={css.body}>
        <h3 className={css.title} title={title}>
          {title}
        </h3>
        <p className={css.state}>
          <span className={css.situation}>{t(`job.state.${situation}`)}</span>
          {job.printer && <span>{t('job.to', { printer: job.printer })}</span>}
          {printer && <GradeMark printer={printer} size={15} />}
        </p>
        {!isFinished(job) && (job.holders.length > 0 || job.inOutbox) && (
          <div className={css.held}>
            <span>{t('job.heldBy')}</span>
            {job.holders.length > 0 ? (
              <Holders holders={job.holders} label={t('job.heldBy')} />
            ) : (
              <span>{t('job.heldHere')}</span>
            )}
            {job.forecast?.quorum && <span>{t('job.copies', job.forecast.quorum)}</span>}
          </div>
        )}
        <p className={css.facts}>
          <JobFacts job={job} />
        </p>
        {!isFinished(job) && job.why && job.why.length > 0 && <WhyNodes why={job.why} />}
      </div>
      {(canRelease(job) || canCancel(job)) && (
        <div className={css.actions}>
          {canRelease(job) && (
            <Button
              className={css.release}
              variant={again ? 'default' : 'filled'}
              aria-label={t(again ? 'job.againTitled' : 'job.releaseTitled', { title })}
              onClick={onRelease}
            >
              {t(again ? 'job.again' : 'job.release')}
            </Button>
          )}
          {job.custody === 'strict' && canRelease(job) && (
            <SideAction
              icon={IconTicket}
              label={t('ticket.takeTitled', { title })}
              hint={t('ticket.take')}
              onClick={onTicket}
            />
          )}
          {canCancel(job) && (
            <SideAction
              icon={IconX}
              label={t('job.cancelTitled', { title })}
              hint={t('job.cancel')}
              onClick={onCancel}
            />
          )}
        </div>
      )}
      {(job.progress || job.failure) && (
        <div className={css.below}>
          <JobProgress job={job} />
          {job.failure && <FailureNote failure={job.failure} role="note" />}
        </div>
      )}
    </li>
  );
};

interface SideActionProps {
  readonly icon: Icon;
  /** Says which job is meant, for who cannot see the row. */
  readonly label: string;
  readonly hint: string;
  onClick(): void;
}

/** What can be done with a job besides releasing it: an icon as tall as the button beside it. */
const SideAction = ({ icon: Sign, label, hint, onClick }: SideActionProps) => (
  <ActionIcon className={css.side} variant="subtle" size={44} aria-label={label} title={hint} onClick={onClick}>
    <Sign size={18} stroke={1.8} aria-hidden="true" />
  </ActionIcon>
);
