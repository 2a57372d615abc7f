import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ClientState } from '../../../src-preload/contract/index.ts';
import type { ReleaseStore } from '../../stores/release.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { Letter } from '../../ui/Letter.tsx';
import css from './ReleaseDialog.module.css';
import { ReleaseForm } from './ReleaseForm.tsx';

interface Props {
  readonly state: ClientState;
  readonly store: ReleaseStore;
}

/** From choosing a printer to holding the pages, for one job. May be closed at any time: the job's row goes on telling. */
export const ReleaseDialog = ({ state, store }: Props) => {
  const { t } = useTranslation();
  const { job: id, phase, printer: chosen, close } = useStore(store);
  const job = state.jobs.find((each) => each.id === id);
  const printer = state.printers.find((each) => each.id === chosen)?.name ?? t('release.printer');
  const done = phase === 'done' || (phase === 'working' && job?.state === 'completed');
  return (
    <Modal
      opened={job !== undefined}
      onClose={close}
      title={t('release.headline')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {job && (
        <>
          <p className={css.job}>{job.title ?? t('job.hidden')}</p>
          {phase === 'form' && <ReleaseForm state={state} job={job} store={store} />}
          {phase !== 'form' && (
            <div className={css.outcome} role="status">
              <Letter situation={done ? 'completed' : 'printing'} size={88} />
              <h3>
                {done
                  ? t('release.done')
                  : job.state === 'printing'
                    ? t('release.printing', { printer })
                    : t('release.working')}
              </h3>
              <p>{t(done ? 'release.doneHint' : 'release.workingHint', { printer })}</p>
            </div>
          )}
          {phase !== 'form' && !done && <JobProgress job={job} />}
          {phase !== 'form' && (
            <Button className={css.close} fullWidth variant={done ? 'filled' : 'default'} onClick={close}>
              {t('common.close')}
            </Button>
          )}
        </>
      )}
    </Modal>
  );
};
