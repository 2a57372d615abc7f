import { ActionIcon } from '@mantine/core';
import { IconCheck, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { JobView } from '../../../src-preload/contract/index.ts';
import { canCancel, canRelease, situationOf } from '../../stores/jobs.ts';
import { JobFacts } from '../../ui/JobFacts.tsx';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { Letter } from '../../ui/Letter.tsx';
import css from './StationJob.module.css';

interface Props {
  readonly job: JobView;
  readonly selected: boolean;
  /** Whose it is, when it is somebody else's who lets this person release it. */
  readonly owner: string | null;
  onToggle(): void;
  onCancel(): void;
}

/** One document as a row to touch: the whole row selects it. */
export const StationJob = ({ job, selected, owner, onToggle, onCancel }: Props) => {
  const { t } = useTranslation();
  const situation = situationOf(job);
  const title = job.title ?? t('job.hidden');
  const ready = canRelease(job);
  return (
    <li className={css.job} data-selected={selected && ready} data-situation={situation} data-job={job.id}>
      {/* biome-ignore lint/a11y/useSemanticElements: a native check box cannot hold a row */}
      <button
        type="button"
        role="checkbox"
        className={css.row}
        aria-checked={selected && ready}
        aria-label={owner === null ? title : t('station.ofOwner', { title, owner })}
        disabled={!ready}
        onClick={onToggle}
      >
        <span className={css.box}>{selected && ready && <IconCheck size={26} stroke={2.6} aria-hidden="true" />}</span>
        <Letter situation={situation} size={56} />
        <span className={css.words}>
          <span className={css.title}>{title}</span>
          <span className={css.facts}>
            {situation !== 'held' && <span className={css.state}>{t(`job.state.${situation}`)}</span>}
            {owner !== null && <span className={css.state}>{t('station.of', { owner })}</span>}
            {job.custody === 'strict' && ready && !job.progress && (
              <span className={css.state}>{t(job.ticket ? 'station.ticketRead' : 'station.strict')}</span>
            )}
            <JobFacts job={job} />
          </span>
        </span>
      </button>
      {owner === null && canCancel(job) && (
        <ActionIcon
          className={css.cancel}
          variant="subtle"
          size={64}
          aria-label={t('station.cancelTitled', { title })}
          onClick={onCancel}
        >
          <IconTrash size={26} stroke={1.6} aria-hidden="true" />
        </ActionIcon>
      )}
      {job.progress && (
        <div className={css.progress}>
          <JobProgress job={job} />
        </div>
      )}
    </li>
  );
};
