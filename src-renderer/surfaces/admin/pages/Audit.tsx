import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditFilter, Output } from '../../../../src-preload/contract/index.ts';
import { formatMoment } from '../../../i18n/format.ts';
import { amendAddress, useAddress } from '../../../stores/address.ts';
import { useAct, useAnswer, useMay } from '../../../stores/console.ts';
import { detailLine, namesOf, readable } from '../../../stores/names.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { Note } from '../../../ui/Note.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { DetailPanel } from '../DetailPanel.tsx';
import { Page } from '../Page.tsx';
import { ExportAudit } from './ExportAudit.tsx';
import css from './pages.module.css';

type Row = Output<'admin.audit.list'>[number];
type Report = Output<'admin.audit.verify'>;

/** How many rows are read at a time. */
const pageOf = 1_000;
/** First words of actions. */
const areas = [
  'admin',
  'api-token',
  'audit',
  'device',
  'grant',
  'job',
  'key',
  'node',
  'organization',
  'pairing',
  'policy',
  'printer',
  'session',
  'token',
  'user'
] as const;

/** What was done, by whom, to what: newest first. Every row carries the hash of the one before it. */
export const Audit = () => {
  const { t } = useTranslation();
  const { query } = useAddress();
  const may = useMay();
  const filter: AuditFilter = {
    ...(query.area ? { action: `${query.area}.` } : {}),
    ...(query.from ? { from: `${query.from}T00:00:00Z` } : {}),
    ...(query.to ? { to: `${query.to}T00:00:00Z` } : {})
  };
  return (
    <Page
      title={t('admin.page.audit')}
      hint={t('admin.audit.hint')}
      actions={
        <>
          <Verify />
          <ExportAudit filter={filter} />
          {may('read') && (
            <Button component="a" href="#/forwarding" size="sm" variant="default">
              {t('admin.audit.forwarding')}
            </Button>
          )}
        </>
      }
    >
      <div className={css.filters}>
        <NativeSelect
          aria-label={t('admin.audit.anyArea')}
          value={query.area ?? ''}
          onChange={(event) => amendAddress({ area: event.currentTarget.value, before: '' })}
          data={[{ value: '', label: t('admin.audit.anyArea') }, ...areas.map((value) => ({ value, label: value }))]}
        />
        {(['from', 'to'] as const).map((end) => (
          <TextInput
            key={end}
            type="date"
            label={t(`admin.audit.${end}`)}
            value={query[end] ?? ''}
            onChange={(event) => amendAddress({ [end]: event.currentTarget.value, before: '' })}
          />
        ))}
      </div>
      <Rows filter={filter} before={query.before} />
    </Page>
  );
};

interface RowsProps {
  readonly filter: AuditFilter;
  /** The row after the last one to show; undefined: the newest are shown. */
  readonly before: string | undefined;
}

const Rows = ({ filter, before }: RowsProps) => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.audit.list', {
    ...filter,
    newest: true,
    limit: pageOf,
    ...(before ? { before: Number(before) } : {})
  });
  const devices = useAnswer('admin.device.list').read.value;
  const printers = useAnswer('admin.printer.list').read.value;
  const users = useAnswer('admin.user.list').read.value;
  const names = useMemo(() => namesOf(devices, printers, users), [devices, printers, users]);
  const earliest = answer.read.value?.length === pageOf ? answer.read.value.at(-1)?.sequence : undefined;
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
      <ReadGate {...answer}>
        {(rows) => (
          <DataTable
            label={t('admin.page.audit')}
            rows={rows}
            columns={columns}
            fileName="audit"
            keyOf={({ sequence }) => String(sequence)}
            nameOf={({ sequence }) => String(sequence)}
            empty={<EmptyState headline={t('admin.audit.none')} hint={t('admin.audit.noneHint')} />}
          />
        )}
      </ReadGate>
      {(earliest !== undefined || before) && (
        <div className={css.row}>
          {earliest !== undefined && (
            <Button size="sm" variant="default" onClick={() => amendAddress({ before: String(earliest) })}>
              {t('admin.audit.earlier')}
            </Button>
          )}
          {before && (
            <Button size="sm" variant="default" onClick={() => amendAddress({ before: '' })}>
              {t('admin.audit.newest')}
            </Button>
          )}
        </div>
      )}
      <DetailPanel
        rows={answer.read.value}
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
