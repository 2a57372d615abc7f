import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { goTo } from '../../../stores/address.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { deviceState, toneOfDevice, toneOfEnd } from '../../../stores/tones.ts';
import { type BulkAction, type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { DetailPanel, PanelActions } from '../DetailPanel.tsx';
import { MoveToSite } from '../forms/MoveToSite.tsx';
import { Page } from '../Page.tsx';
import { useRoleWords } from '../use-role-words.ts';
import { useSiteColumn } from '../use-site-column.ts';

type Device = Output<'admin.device.list'>[number];

/** Every machine that was ever approved. Revoking one cuts its connections at once. */
export const Devices = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const now = useMinute();
  const answer = useAnswer('admin.device.list');
  const { busy, failure, act, actOnAll } = useAct();
  const { several, nameOf, siteColumn, siteFilter } = useSiteColumn<Device>();
  const [moved, setMoved] = useState<readonly Device[]>([]);
  const rolesOf = useRoleWords();

  const revoke = async (devices: readonly Device[]) => {
    const [first] = devices;
    if (!first) return;
    const count = devices.length;
    const sure = await prompts.getState().ask({
      headline: t('admin.devices.revokeHeadline', { count, name: first.name }),
      hint: t('admin.devices.revokeHint'),
      confirm: t('admin.devices.revoke'),
      danger: true
    });
    if (!sure) return;
    const done = await actOnAll(
      'admin.device.revoke',
      devices.map(({ id }) => ({ id }))
    );
    if (done > 0) prompts.getState().say(t('admin.devices.revoked', { count: done }));
  };
  const suspend = async (devices: readonly Device[], suspended: boolean) => {
    const done = await actOnAll(
      'admin.device.suspend',
      devices.map(({ id }) => ({ id, suspended }))
    );
    if (done > 0)
      prompts.getState().say(t(suspended ? 'admin.devices.suspended' : 'admin.devices.resumed', { count: done }));
  };
  const setCloud = async ({ id, name }: Device, cloud: boolean) => {
    const sure = await prompts.getState().ask({
      headline: t(cloud ? 'admin.devices.setCloudHeadline' : 'admin.devices.endCloudHeadline', { name }),
      hint: t(cloud ? 'admin.devices.setCloudHint' : 'admin.devices.endCloudHint'),
      confirm: t(cloud ? 'admin.devices.setCloud' : 'admin.devices.endCloud'),
      danger: true
    });
    if (sure && (await act('admin.device.cloud', { id, cloud })))
      prompts.getState().say(t(cloud ? 'admin.devices.cloudSet' : 'admin.devices.cloudEnded', { name }));
  };
  const columns: DataColumn<Device>[] = [
    { id: 'name', label: t('admin.devices.name'), text: ({ name }) => name, share: 1.6 },
    {
      id: 'state',
      label: t('admin.state'),
      text: (device) => t(`admin.devices.state.${deviceState(device)}`),
      cell: (device) => (
        <StatusMark tone={toneOfDevice[deviceState(device)]}>
          {t(`admin.devices.state.${deviceState(device)}`)}
        </StatusMark>
      )
    },
    { id: 'roles', label: t('admin.devices.roles'), text: rolesOf },
    ...siteColumn,
    { id: 'owner', label: t('admin.devices.owner'), text: ({ owner }) => owner ?? '', wide: true },
    {
      id: 'certificate',
      label: t('admin.devices.certificate'),
      text: ({ certificateExpires }) => formatDay(certificateExpires),
      order: ({ certificateExpires }) => Date.parse(certificateExpires),
      wide: true
    }
  ];
  const move: BulkAction<Device> = {
    label: t('admin.sites.move'),
    applies: ({ status }) => status !== 'revoked',
    run: setMoved
  };
  const dangerous: BulkAction<Device>[] = [
    {
      label: t('admin.devices.suspend'),
      applies: ({ status }) => status === 'approved',
      run: (rows) => void suspend(rows, true)
    },
    {
      label: t('admin.devices.resume'),
      applies: ({ status }) => status === 'suspended',
      run: (rows) => void suspend(rows, false)
    },
    {
      label: t('admin.devices.revoke'),
      danger: true,
      applies: ({ status }) => status !== 'revoked',
      run: (rows) => void revoke(rows)
    }
  ];
  return (
    <Page
      title={t('admin.page.devices')}
      hint={t('admin.devices.hint')}
      failure={failure}
      actions={
        may('manage') && (
          <Button
            size="sm"
            leftSection={<IconPlus size={16} aria-hidden="true" />}
            onClick={() => goTo('tokens', { new: 'enrollment' })}
          >
            {t('admin.devices.add')}
          </Button>
        )
      }
    >
      <ReadGate {...answer}>
        {(devices) => (
          <DataTable
            label={t('admin.page.devices')}
            rows={devices}
            columns={columns}
            fileName="devices"
            keyOf={({ id }) => id}
            nameOf={({ name }) => name}
            filters={[
              {
                id: 'state',
                label: t('admin.anyState'),
                options: (['online', 'offline', 'suspended', 'revoked'] as const).map((value) => ({
                  value,
                  label: t(`admin.devices.state.${value}`)
                })),
                matches: (device, value) => deviceState(device) === value
              },
              {
                id: 'role',
                label: t('admin.anyRole'),
                options: [
                  ...(['client', 'node', 'station'] as const).map((value) => ({
                    value,
                    label: t(`admin.role.${value}`)
                  })),
                  { value: 'cloud', label: t('admin.cloudNode') }
                ],
                matches: ({ roles, cloud }, value) => (value === 'cloud' ? cloud : roles.some((role) => role === value))
              },
              ...siteFilter
            ]}
            bulk={[...(several && may('manage') ? [move] : []), ...(may('dangerous') ? dangerous : [])]}
            empty={<EmptyState headline={t('admin.devices.none')} hint={t('admin.devices.noneHint')} />}
          />
        )}
      </ReadGate>
      <DetailPanel rows={answer.read.value} keyOf={({ id }) => id} nameOf={({ name }) => name}>
        {(device) => (
          <>
            {failure && <FailureNote failure={failure} />}
            <Facts
              facts={[
                [
                  t('admin.state'),
                  <StatusMark key="state" tone={toneOfDevice[deviceState(device)]}>
                    {t(`admin.devices.state.${deviceState(device)}`)}
                  </StatusMark>
                ],
                [t('admin.devices.roles'), rolesOf(device)],
                [t('admin.sites.site'), several ? nameOf(device.site) : null],
                [t('admin.devices.owner'), device.owner],
                [t('admin.devices.address'), device.url],
                [
                  t('admin.devices.certificate'),
                  <StatusMark key="certificate" tone={toneOfEnd(device.certificateExpires, now)}>
                    {formatDay(device.certificateExpires)}
                  </StatusMark>
                ],
                [t('admin.id'), <code key="id">{device.id}</code>]
              ]}
            />
            {may('manage') && device.status !== 'revoked' && (
              <PanelActions>
                {several && (
                  <Button variant="default" onClick={() => setMoved([device])}>
                    {t('admin.sites.move')}
                  </Button>
                )}
                {may('dangerous') && device.roles.includes('node') && (
                  <Button variant="default" loading={busy} onClick={() => void setCloud(device, !device.cloud)}>
                    {t(device.cloud ? 'admin.devices.endCloud' : 'admin.devices.setCloud')}
                  </Button>
                )}
                {may('dangerous') && (
                  <>
                    <Button
                      variant="default"
                      loading={busy}
                      onClick={() => void suspend([device], device.status === 'approved')}
                    >
                      {t(device.status === 'approved' ? 'admin.devices.suspend' : 'admin.devices.resume')}
                    </Button>
                    <Button variant="light" color="wax" loading={busy} onClick={() => void revoke([device])}>
                      {t('admin.devices.revoke')}
                    </Button>
                  </>
                )}
              </PanelActions>
            )}
          </>
        )}
      </DetailPanel>
      <MoveToSite
        procedure="admin.device.move"
        hint={t('admin.sites.moveDevice')}
        moved={moved}
        onClose={() => setMoved([])}
      />
    </Page>
  );
};
