import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { JobId, Output } from '../../../../src-preload/contract/index.ts';
import { formatRelative, formatSize, formatWhen } from '../../../i18n/format.ts';
import { amendAddress, useAddress } from '../../../stores/address.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { isOpenJob, jobStates, toneOfJob } from '../../../stores/tones.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { Holders } from '../../../ui/Holders.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { DetailPanel, PanelActions } from '../DetailPanel.tsx';
import { Page } from '../Page.tsx';
import { JobDetails } from './JobDetails.tsx';
import css from './pages.module.css';

type Job = Output<'admin.job.list'>[number];
/** As many as one answer holds: after so many there may be older ones. */
const pageOf = 500;

/** Sizes and states. Titles are sealed: neither this page nor the coordinator can read them. */
export const Jobs = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const now = useMinute();
  const { before } = useAddress().query;
  const answer = useAnswer('admin.job.list', before ? { before: before as JobId } : {});
  const jobs = answer.read.value ?? [];
  const { busy, failure, actOnAll } = useAct();
  const nameOf = ({ owner, created }: Job) => t('admin.jobs.named', { owner, when: formatWhen(created, now) });
  const canCancel = ({ state }: Job) => isOpenJob(state) && state !== 'printing';

  const cancel = async (jobs: readonly Job[]) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.jobs.cancelHeadline', { count: jobs.length }),
      hint: t('job.cancelHint'),
      confirm: t('admin.jobs.cancel'),
      danger: true
    });
    if (!sure) return;
    const done = await actOnAll(
      'admin.job.cancel',
      jobs.map(({ id }) => ({ id }))
    );
    if (done > 0) prompts.getState().say(t('admin.jobs.canceled', { count: done }));
  };
  const suspend = async (jobs: readonly Job[], suspended: boolean) => {
    const done = await actOnAll(
      'admin.job.suspend',
      jobs.map(({ id }) => ({ id, suspended }))
    );
    if (done > 0)
      prompts.getState().say(t(suspended ? 'admin.jobs.suspendedNow' : 'admin.jobs.resumed', { count: done }));
  };
  const stateOf = ({ state, suspended }: Job) =>
    t(suspended && isOpenJob(state) ? 'admin.jobs.suspended' : `admin.jobs.state.${state}`);
  const stateMark = (job: Job) => (
    <StatusMark tone={job.suspended && isOpenJob(job.state) ? 'unsure' : toneOfJob[job.state]}>
      {stateOf(job)}
    </StatusMark>
  );
  const columns: DataColumn<Job>[] = [
    { id: 'owner', label: t('admin.jobs.owner'), text: ({ owner }) => owner, share: 1.2 },
    {
      id: 'state',
      label: t('admin.state'),
      text: stateOf,
      cell: stateMark,
      share: 1.2
    },
    {
      id: 'size',
      label: t('admin.jobs.size'),
      text: ({ size }) => formatSize(size),
      order: ({ size }) => size,
      end: true,
      share: 0.8
    },
    {
      id: 'created',
      label: t('admin.jobs.created'),
      text: ({ created }) => formatWhen(created, now),
      order: ({ created }) => Date.parse(created),
      share: 1.3
    },
    {
      id: 'expires',
      label: t('admin.jobs.expires'),
      text: ({ state, expires }) => (isOpenJob(state) ? formatRelative(expires, now, t('common.now')) : ''),
      order: ({ expires }) => Date.parse(expires),
      wide: true
    },
    { id: 'printer', label: t('admin.jobs.printer'), text: ({ printer }) => printer ?? '', wide: true },
    {
      id: 'holders',
      label: t('admin.jobs.holders'),
      text: ({ holders }) =>
        holders.length === 0
          ? ''
          : t('admin.jobs.awake', { alive: holders.filter(({ alive }) => alive).length, all: holders.length }),
      order: ({ holders }) => holders.filter(({ alive }) => alive).length,
      wide: true
    }
  ];
  return (
    <Page title={t('admin.page.jobs')} hint={t('admin.jobs.hint')} failure={failure}>
      <ReadGate {...answer}>
        {(rows) => (
          <DataTable
            label={t('admin.page.jobs')}
            rows={rows}
            columns={columns}
            fileName="jobs"
            keyOf={({ id }) => id}
            nameOf={nameOf}
            filters={[
              {
                id: 'state',
                label: t('admin.anyState'),
                options: [
                  { value: 'open', label: t('admin.jobs.open') },
                  { value: 'suspended', label: t('admin.jobs.suspended') },
                  ...jobStates.map((value) => ({ value, label: t(`admin.jobs.state.${value}`) }))
                ],
                matches: ({ state, suspended }, value) =>
                  value === 'open' ? isOpenJob(state) : value === 'suspended' ? suspended : state === value
              },
              {
                id: 'reach',
                label: t('admin.jobs.anyReach'),
                options: [{ value: 'none', label: t('admin.jobs.unreachable') }],
                matches: ({ state, holders }) => isOpenJob(state) && !holders.some(({ alive }) => alive)
              }
            ]}
            bulk={
              may('manage')
                ? [
                    {
                      label: t('admin.jobs.suspend'),
                      applies: (job) => canCancel(job) && !job.suspended,
                      run: (chosen) => void suspend(chosen, true)
                    },
                    {
                      label: t('admin.jobs.resume'),
                      applies: ({ suspended }) => suspended,
                      run: (chosen) => void suspend(chosen, false)
                    },
                    {
                      label: t('admin.jobs.cancel'),
                      danger: true,
                      applies: canCancel,
                      run: (chosen) => void cancel(chosen)
                    }
                  ]
                : []
            }
            empty={<EmptyState headline={t('admin.jobs.none')} hint={t('admin.jobs.noneHint')} />}
          />
        )}
      </ReadGate>
      {(jobs.length === pageOf || before) && (
        <div className={css.row}>
          {jobs.length === pageOf && (
            <Button size="sm" variant="default" onClick={() => amendAddress({ before: jobs.at(-1)?.id ?? '' })}>
              {t('admin.jobs.older')}
            </Button>
          )}
          {before && (
            <Button size="sm" variant="default" onClick={() => amendAddress({ before: '' })}>
              {t('admin.jobs.newest')}
            </Button>
          )}
        </div>
      )}
      <DetailPanel rows={answer.read.value} keyOf={({ id }) => id} nameOf={nameOf}>
        {(job) => (
          <>
            <Facts
              facts={[
                [t('admin.state'), stateMark(job)],
                [t('admin.jobs.owner'), job.owner],
                [t('admin.jobs.size'), formatSize(job.size)],
                [t('admin.jobs.created'), formatWhen(job.created, now)],
                [
                  t('admin.jobs.expires'),
                  isOpenJob(job.state) ? formatRelative(job.expires, now, t('common.now')) : null
                ],
                [t('admin.jobs.printer'), job.printer],
                [
                  t('admin.jobs.holders'),
                  job.holders.length > 0 ? (
                    <Holders key="holders" holders={job.holders} label={t('admin.jobs.holders')} />
                  ) : null
                ],
                [t('admin.jobs.grant'), job.grant && <code key="grant">{job.grant}</code>],
                [t('admin.id'), <code key="id">{job.id}</code>]
              ]}
            />
            <JobDetails id={job.id} />
            <a className={css.link} href={`#/audit?q=${job.id}`}>
              {t('admin.jobs.inAudit')}
            </a>
            {may('manage') && canCancel(job) && (
              <PanelActions>
                <Button variant="default" loading={busy} onClick={() => void suspend([job], !job.suspended)}>
                  {t(job.suspended ? 'admin.jobs.resume' : 'admin.jobs.suspend')}
                </Button>
                <Button variant="light" color="wax" loading={busy} onClick={() => void cancel([job])}>
                  {t('admin.jobs.cancel')}
                </Button>
              </PanelActions>
            )}
          </>
        )}
      </DetailPanel>
    </Page>
  );
};
