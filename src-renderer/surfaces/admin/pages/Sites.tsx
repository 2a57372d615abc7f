import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { formatAddress } from '../../../stores/address.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { DetailPanel, PanelActions } from '../DetailPanel.tsx';
import { NewSite, RenameSite } from '../forms/site.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

type Site = Output<'admin.site.list'>[number];

/** Buildings and branches: each with machines, printers and release keys of its own. The first one stays for good. */
export const Sites = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const answer = useAnswer('admin.site.list');
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const [renamed, setRenamed] = useState<Site | null>(null);

  const remove = async ({ id, name }: Site) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.sites.removeHeadline', { name }),
      hint: t('admin.sites.removeHint'),
      confirm: t('admin.sites.remove'),
      danger: true
    });
    if (sure && (await act('admin.site.remove', { id }))) prompts.getState().say(t('admin.sites.removed', { name }));
  };
  const count = (
    id: 'devices' | 'printers' | 'heldJobs' | 'releaseKeyEpoch',
    more: { readonly wide?: boolean } = {}
  ): DataColumn<Site> => ({
    id,
    label: t(`admin.sites.${id}`),
    text: (site) => String(site[id]),
    order: (site) => site[id],
    end: true,
    share: 0.8,
    ...more
  });
  const columns: DataColumn<Site>[] = [
    { id: 'name', label: t('admin.sites.name'), text: ({ name }) => name, share: 1.6 },
    { id: 'id', label: t('admin.id'), text: ({ id }) => id, cell: ({ id }) => <code>{id}</code> },
    count('devices'),
    count('printers'),
    count('heldJobs', { wide: true }),
    count('releaseKeyEpoch', { wide: true })
  ];
  return (
    <Page
      title={t('admin.page.sites')}
      hint={t('admin.sites.hint')}
      failure={failure}
      actions={
        may('manage') && (
          <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('admin.sites.add')}
          </Button>
        )
      }
    >
      <ReadGate {...answer}>
        {(sites) => (
          <DataTable
            label={t('admin.page.sites')}
            rows={sites}
            columns={columns}
            fileName="sites"
            keyOf={({ id }) => id}
            nameOf={({ name }) => name}
            empty={<EmptyState headline={t('admin.sites.none')} hint={t('admin.sites.noneHint')} />}
          />
        )}
      </ReadGate>
      <DetailPanel rows={answer.read.value} keyOf={({ id }) => id} nameOf={({ name }) => name}>
        {(site) => (
          <>
            {failure && <FailureNote failure={failure} />}
            <Facts
              facts={[
                [t('admin.id'), <code key="id">{site.id}</code>],
                [t('admin.sites.created'), formatDay(site.created)],
                [t('admin.sites.devices'), <Where key="devices" page="devices" site={site} count={site.devices} />],
                [t('admin.sites.printers'), <Where key="printers" page="printers" site={site} count={site.printers} />],
                [t('admin.sites.heldJobs'), String(site.heldJobs)],
                [t('admin.sites.releaseKeyEpoch'), String(site.releaseKeyEpoch)]
              ]}
            />
            {!isEmpty(site) && !site.first && <p className={css.muted}>{t('admin.sites.inUse')}</p>}
            {site.first && <p className={css.muted}>{t('admin.sites.first')}</p>}
            {may('manage') && (
              <PanelActions>
                <Button variant="default" onClick={() => setRenamed(site)}>
                  {t('admin.sites.rename')}
                </Button>
                {may('dangerous') && isEmpty(site) && !site.first && (
                  <Button variant="light" color="wax" loading={busy} onClick={() => void remove(site)}>
                    {t('admin.sites.remove')}
                  </Button>
                )}
              </PanelActions>
            )}
          </>
        )}
      </DetailPanel>
      <NewSite opened={adding} taken={answer.read.value ?? []} onClose={() => setAdding(false)} />
      <RenameSite site={renamed} onClose={() => setRenamed(null)} />
    </Page>
  );
};

const isEmpty = ({ devices, printers, heldJobs }: Site) => devices + printers + heldJobs === 0;

interface WhereProps {
  readonly page: 'devices' | 'printers';
  readonly site: Site;
  readonly count: number;
}

/** How many, and the way to them. */
const Where = ({ page, site, count }: WhereProps) =>
  count === 0 ? (
    String(count)
  ) : (
    <a className={css.link} href={formatAddress(page, { site: site.id })}>
      {count}
    </a>
  );
