import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { amendAddress, useAddress } from '../../../stores/address.ts';
import { useAnswer } from '../../../stores/console.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { DetailPanel } from '../DetailPanel.tsx';
import { Page } from '../Page.tsx';
import { LastDays } from './LastDays.tsx';
import css from './pages.module.css';

type Usage = Output<'admin.policy.usage'>['users'][number];
const spans = [14, 30, 90, 365] as const;
const money = (hundredths: number) => (hundredths / 100).toFixed(2);

/** What became of jobs day by day, and what each person printed in a month, as far as pages are known. */
export const Reports = () => {
  const { t } = useTranslation();
  const { query } = useAddress();
  const days = spans.find((span) => String(span) === query.days) ?? 30;
  const month = query.month && /^\d{4}-(0[1-9]|1[0-2])$/.test(query.month) ? { month: query.month } : {};
  const usage = useAnswer('admin.policy.usage', month);
  const number = (id: 'pages' | 'colorPages' | 'uncounted', wide = false): DataColumn<Usage> => ({
    id,
    label: t(`admin.reports.${id}`),
    text: (row) => String(row[id]),
    order: (row) => row[id],
    end: true,
    wide
  });
  const columns: DataColumn<Usage>[] = [
    { id: 'name', label: t('admin.users.name'), text: ({ name }) => name, share: 2 },
    number('pages'),
    number('colorPages', true),
    {
      id: 'cost',
      label: t('admin.reports.cost'),
      text: ({ cost }) => money(cost),
      order: ({ cost }) => cost,
      end: true
    },
    number('uncounted', true)
  ];
  return (
    <Page title={t('admin.page.reports')} hint={t('admin.reports.hint')}>
      <div className={css.filters}>
        <NativeSelect
          aria-label={t('admin.reports.span')}
          value={String(days)}
          onChange={(event) => amendAddress({ days: event.currentTarget.value })}
          data={spans.map((span) => ({ value: String(span), label: t('admin.overview.lastDays', { count: span }) }))}
        />
      </div>
      <LastDays days={days} />
      <section className={css.section} aria-labelledby="usage">
        <h2 id="usage">{t('admin.reports.usage')}</h2>
        <p>{t('admin.reports.usageHint')}</p>
        <div className={css.filters}>
          <TextInput
            type="month"
            label={t('admin.reports.month')}
            value={query.month ?? usage.read.value?.month ?? ''}
            onChange={(event) => amendAddress({ month: event.currentTarget.value })}
          />
        </div>
        <ReadGate {...usage} lines={3}>
          {({ month: shown, users }) => (
            <>
              {users.length > 0 && (
                <p>
                  {t('admin.reports.sum', {
                    count: users.reduce((sum, { pages }) => sum + pages, 0),
                    cost: money(users.reduce((sum, { cost }) => sum + cost, 0)),
                    uncounted: users.reduce((sum, { uncounted }) => sum + uncounted, 0)
                  })}
                </p>
              )}
              <DataTable
                label={t('admin.reports.usage')}
                rows={users}
                columns={columns}
                fileName={`pages-${shown}`}
                keyOf={({ user }) => user}
                nameOf={({ name }) => name}
                empty={<EmptyState headline={t('admin.reports.none')} hint={t('admin.reports.noneHint')} />}
              />
              <DetailPanel rows={users} keyOf={({ user }) => user} nameOf={({ name }) => name}>
                {(row) => <Facts facts={columns.slice(1).map(({ label, text }) => [label, text(row)])} />}
              </DetailPanel>
            </>
          )}
        </ReadGate>
      </section>
    </Page>
  );
};
