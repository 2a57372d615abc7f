import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatMoment } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../../stores/console.ts';
import { detailLine, namesOf, readable } from '../../../stores/names.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { Note } from '../../../ui/Note.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { DetailPanel } from '../DetailPanel.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

type Row = Output<'admin.audit.list'>[number];
type Report = Output<'admin.audit.verify'>;

/** How many rows are read at a time. */
const pageOf = 1_000;

/** What was done, by whom, to what: newest first. Every row carries the hash of the one before it. */
export const Audit = () => {
  const { t } = useTranslation();
  const { reads } = useConsole();
  const start = useStore(reads.store, ({ entries }) => entries.get('console.start {}'));
  const last = (start?.value as Output<'console.start'> | undefined)?.overview.auditRows;
  // The window of rows stays where it is while new ones come; the newest one is always in it.
  const [earlier, setEarlier] = useState(0);
  const first =
    last === undefined ? undefined : Math.max(0, Math.ceil((last + 1) / pageOf) * pageOf - pageOf * (earlier + 1));
  return (
    <Page title={t('admin.page.audit')} hint={t('admin.audit.hint')} actions={<Verify />}>
      {first !== undefined && (
        <Rows
          key={first}
          after={first}
          onEarlier={first > 0 ? () => setEarlier(earlier + 1) : null}
          onLater={earlier > 0 ? () => setEarlier(earlier - 1) : null}
        />
      )}
    </Page>
  );
};

interface RowsProps {
  readonly after: number;
  readonly onEarlier: (() => void) | null;
  readonly onLater: (() => void) | null;
}

const Rows = ({ after, onEarlier, onLater }: RowsProps) => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.audit.list', { after, limit: pageOf });
  const devices = useAnswer('admin.device.list').read.value;
  const printers = useAnswer('admin.printer.list').read.value;
  const users = useAnswer('admin.user.list').read.value;
  const names = useMemo(() => namesOf(devices, printers, users), [devices, printers, users]);
  const newestFirst = useMemo(() => answer.read.value?.toReversed(), [answer.read.value]);
  const areas = useMemo(
    () => [...new Set((newestFirst ?? []).map(({ action }) => action.split('.')[0] ?? ''))].sort(),
    [newestFirst]
  );
  const columns: DataColumn<Row>[] = [
    {
      id: 'sequence',
      label: t('admin.audit.row'),
      text: ({ sequence }) => String(sequence),
      order: ({ sequence }) => sequence,
      share: 0.5
    },
    {
      id: 'time',
      label: t('admin.audit.time'),
      text: ({ time }) => time,
      cell: ({ time }) => formatMoment(time),
      share: 1.3
    },
    {
      id: 'actor',
      label: t('admin.audit.actor'),
      text: ({ actor }) => actor,
      cell: ({ actor }) => readable(actor, names),
      share: 1.2
    },
    { id: 'action', label: t('admin.audit.action'), text: ({ action }) => action, share: 1.2 },
    {
      id: 'subject',
      label: t('admin.audit.subject'),
      text: ({ subject }) => subject,
      cell: ({ subject }) => readable(subject, names),
      share: 1.2
    },
    {
      id: 'detail',
      label: t('admin.audit.detail'),
      text: ({ detail }) => (Object.keys(detail).length === 0 ? '' : JSON.stringify(detail)),
      cell: ({ detail }) => detailLine(detail, names),
      share: 2,
      wide: true
    }
  ];
  return (
    <>
      <ReadGate {...answer} read={{ ...answer.read, value: newestFirst }}>
        {(rows) => (
          <DataTable
            label={t('admin.page.audit')}
            rows={rows}
            columns={columns}
            fileName="audit"
            keyOf={({ sequence }) => String(sequence)}
            nameOf={({ sequence }) => String(sequence)}
            filters={[
              {
                id: 'area',
                label: t('admin.audit.anyArea'),
                options: areas.map((value) => ({ value, label: value })),
                matches: ({ action }, value) => action.startsWith(`${value}.`)
              }
            ]}
            empty={<EmptyState headline={t('admin.audit.none')} hint={t('admin.audit.noneHint')} />}
          />
        )}
      </ReadGate>
      {(onEarlier || onLater) && (
        <div className={css.row}>
          {onEarlier && (
            <Button size="sm" variant="default" onClick={onEarlier}>
              {t('admin.audit.earlier')}
            </Button>
          )}
          {onLater && (
            <Button size="sm" variant="default" onClick={onLater}>
              {t('admin.audit.later')}
            </Button>
          )}
        </div>
      )}
      <DetailPanel
        rows={newestFirst}
        keyOf={({ sequence }) => String(sequence)}
        nameOf={({ sequence }) => t('admin.audit.rowNumber', { sequence })}
      >
        {({ time, actor, action, subject, detail, hash }) => (
          <Facts
            facts={[
              [t('admin.audit.time'), time],
              [t('admin.audit.actor'), <code key="actor">{actor}</code>],
              [t('admin.audit.action'), <code key="action">{action}</code>],
              [t('admin.audit.subject'), <code key="subject">{subject}</code>],
              ...Object.entries(detail).map(
                ([name, value]) =>
                  [name, <code key={name}>{typeof value === 'string' ? value : JSON.stringify(value)}</code>] as const
              ),
              [t('admin.audit.hash'), <code key="hash">{hash}</code>]
            ]}
          />
        )}
      </DetailPanel>
    </>
  );
};

/** Reads the whole log once more and says whether every row and signature holds. */
const Verify = () => {
  const { t } = useTranslation();
  const { busy, failure, act } = useAct();
  const [report, setReport] = useState<Report | null>(null);
  const verify = async () => setReport((await act('admin.audit.verify', {})) ?? null);
  return (
    <div className={css.row}>
      {failure && <span role="alert">{t(`errors.${failure.code as 'internal'}.message`)}</span>}
      {report?.intact && (
        <span className={css.calm} role="status">
          {t('admin.audit.intact', { rows: report.rows, signatures: report.signatures })}
        </span>
      )}
      {report && !report.intact && (
        <Note
          tone="trouble"
          role="alert"
          title={t('errors.audit-broken.message')}
          next={t('errors.audit-broken.next')}
          detail={t('admin.audit.broken', { row: report.firstBroken ?? 0, reason: report.reason ?? '' })}
        />
      )}
      <Button size="sm" variant="default" loading={busy} onClick={() => void verify()}>
        {t('admin.audit.verify')}
      </Button>
    </div>
  );
};
