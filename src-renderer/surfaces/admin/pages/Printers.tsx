import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { toneOfEnd } from '../../../stores/tones.ts';
import { type BulkAction, type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { Fingerprint } from '../../../ui/Fingerprint.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { DetailPanel, PanelActions } from '../DetailPanel.tsx';
import { AddPrinter } from '../forms/AddPrinter.tsx';
import { ApprovePrinter } from '../forms/ApprovePrinter.tsx';
import { MoveToSite } from '../forms/MoveToSite.tsx';
import { Page } from '../Page.tsx';
import { useSiteColumn } from '../use-site-column.ts';

type Printer = Output<'admin.printer.list'>[number];
const tones = { pending: 'unsure', approved: 'good', removed: 'quiet' } as const;

/** Where documents may come out. Only what was approved by its certificate is ever delivered to. */
export const Printers = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const now = useMinute();
  const answer = useAnswer('admin.printer.list');
  const { busy, failure, act, actOnAll } = useAct();
  const [adding, setAdding] = useState(false);
  const { several, nameOf, siteColumn, siteFilter } = useSiteColumn<Printer>();
  const [moved, setMoved] = useState<readonly Printer[]>([]);
  const [approving, setApproving] = useState<Printer | null>(null);

  const remove = async (printers: readonly Printer[]) => {
    const [first] = printers;
    if (!first) return;
    const sure = await prompts.getState().ask({
      headline: t('admin.printers.removeHeadline', { count: printers.length, name: first.name }),
      hint: t('admin.printers.removeHint'),
      confirm: t('admin.printers.remove'),
      danger: true
    });
    if (!sure) return;
    const done = await actOnAll(
      'admin.printer.remove',
      printers.map(({ id }) => ({ id }))
    );
    if (done > 0) prompts.getState().say(t('admin.printers.removed', { count: done }));
  };
  const refresh = async ({ id, name }: Printer) => {
    if (await act('admin.printer.refresh', { id })) prompts.getState().say(t('admin.printers.refreshed', { name }));
  };
  const stateMark = ({ status }: Printer) => (
    <StatusMark tone={tones[status]}>{t(`admin.printers.state.${status}`)}</StatusMark>
  );
  const columns: DataColumn<Printer>[] = [
    { id: 'name', label: t('admin.printers.name'), text: ({ name }) => name, share: 1.3 },
    { id: 'location', label: t('admin.printers.location'), text: ({ location }) => location, share: 1.2 },
    ...siteColumn,
    {
      id: 'state',
      label: t('admin.state'),
      text: ({ status }) => t(`admin.printers.state.${status}`),
      cell: stateMark
    },
    { id: 'grade', label: t('admin.printers.grade'), text: ({ grade }) => t(`admin.grade.${grade}`), share: 1.2 },
    { id: 'uri', label: t('admin.printers.uri'), text: ({ uri }) => uri, share: 1.8, wide: true }
  ];
  const applies = ({ status }: Printer) => status !== 'removed';
  const move: BulkAction<Printer> = { label: t('admin.sites.move'), applies, run: setMoved };
  const removing: BulkAction<Printer> = {
    label: t('admin.printers.remove'),
    danger: true,
    applies,
    run: (rows) => void remove(rows)
  };
  return (
    <Page
      title={t('admin.page.printers')}
      hint={t('admin.printers.hint')}
      failure={failure}
      actions={
        may('manage') && (
          <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('admin.printers.add')}
          </Button>
        )
      }
    >
      <ReadGate {...answer}>
        {(printers) => (
          <DataTable
            label={t('admin.page.printers')}
            rows={printers}
            columns={columns}
            fileName="printers"
            keyOf={({ id }) => id}
            nameOf={({ name }) => name}
            filters={[
              {
                id: 'state',
                label: t('admin.anyState'),
                options: (['approved', 'pending', 'removed'] as const).map((value) => ({
                  value,
                  label: t(`admin.printers.state.${value}`)
                })),
                matches: ({ status }, value) => status === value
              },
              ...siteFilter
            ]}
            bulk={may('manage') ? [...(several ? [move] : []), removing] : []}
            empty={
              <EmptyState headline={t('admin.printers.none')} hint={t('admin.printers.noneHint')}>
                {may('manage') && <Button onClick={() => setAdding(true)}>{t('admin.printers.add')}</Button>}
              </EmptyState>
            }
          />
        )}
      </ReadGate>
      <DetailPanel rows={answer.read.value} keyOf={({ id }) => id} nameOf={({ name }) => name}>
        {(printer) => (
          <>
            {failure && <FailureNote failure={failure} />}
            <Facts
              facts={[
                [t('admin.state'), stateMark(printer)],
                [t('admin.printers.location'), printer.location],
                [t('admin.sites.site'), several ? nameOf(printer.site) : null],
                [t('admin.printers.uri'), <code key="uri">{printer.uri}</code>],
                [t('admin.printers.grade'), t(`admin.grade.${printer.grade}`)],
                [
                  t('admin.printers.certificate'),
                  printer.certificateSha256 ? (
                    <Fingerprint key="certificate" hex={printer.certificateSha256} />
                  ) : (
                    t('admin.printers.noCertificate')
                  )
                ],
                [t('admin.printers.subject'), printer.certificateSubject],
                [
                  t('admin.printers.ends'),
                  printer.certificateExpires && (
                    <StatusMark key="ends" tone={toneOfEnd(printer.certificateExpires, now)}>
                      {formatDay(printer.certificateExpires)}
                    </StatusMark>
                  )
                ],
                [t('admin.id'), <code key="id">{printer.id}</code>]
              ]}
            />
            {may('manage') && printer.status !== 'removed' && (
              <PanelActions>
                {printer.status === 'pending' && (
                  <Button onClick={() => setApproving(printer)}>{t('admin.printers.compare')}</Button>
                )}
                {printer.status === 'approved' && (
                  <Button variant="default" loading={busy} onClick={() => void refresh(printer)}>
                    {t('admin.printers.refresh')}
                  </Button>
                )}
                {several && (
                  <Button variant="default" onClick={() => setMoved([printer])}>
                    {t('admin.sites.move')}
                  </Button>
                )}
                <Button variant="light" color="wax" loading={busy} onClick={() => void remove([printer])}>
                  {t('admin.printers.remove')}
                </Button>
              </PanelActions>
            )}
          </>
        )}
      </DetailPanel>
      <MoveToSite
        procedure="admin.printer.move"
        hint={t('admin.sites.movePrinter')}
        moved={moved}
        onClose={() => setMoved([])}
      />
      <AddPrinter opened={adding} onClose={() => setAdding(false)} onAdded={setApproving} />
      <ApprovePrinter printer={approving} onClose={() => setApproving(null)} />
    </Page>
  );
};
