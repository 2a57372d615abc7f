import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole, useMay } from '../../../stores/console.ts';
import { Countdown } from '../../../ui/Countdown.tsx';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from './PairingCard.module.css';
import { SiteField } from './SiteField.tsx';

type Request = Output<'admin.pairing.list'>[number];

/**
 * One machine that asks to join, and its six digits. Two answers of the same size: whoever only wants to get on has to choose
 * between "the same" and "they differ".
 */
export const PairingCard = ({ request }: { readonly request: Request }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const { busy, failure, act } = useAct();
  const [owner, setOwner] = useState('');
  const [site, setSite] = useState('');
  const [cloud, setCloud] = useState(false);
  const { id, name, roles, address, code, expires } = request;
  const own = roles.includes('client');

  const approve = async () => {
    const device = await act('admin.pairing.approve', {
      id,
      code,
      cloud,
      ...(owner.trim() && { owner }),
      ...(site && { site })
    });
    if (device) prompts.getState().say(t('admin.approvals.approved', { name: device.name }));
  };
  const reject = async () => {
    if (await act('admin.pairing.reject', { id })) prompts.getState().say(t('admin.approvals.rejected', { name }));
  };
  return (
    <li className={css.card} aria-label={name}>
      <div className={css.who}>
        <h3>{name}</h3>
        <p className={css.muted}>
          {t('admin.approvals.asks', { roles: roles.map((role) => t(`admin.role.${role}`)).join(', '), address })}
        </p>
        <p className={css.muted}>
          <Countdown until={expires}>{(time) => t('admin.approvals.expires', { time })}</Countdown>
        </p>
      </div>
      <p
        className={css.code}
        role="img"
        aria-label={`${t('admin.approvals.code')} ${[...code].join(' ')}`}
        data-code={code}
      >
        <span>{code.slice(0, 3)}</span>
        <span>{code.slice(3)}</span>
      </p>
      {may('manage') && (
        <div className={css.fields}>
          {own && (
            <TextInput
              label={t('admin.approvals.owner')}
              placeholder={t('admin.approvals.ownerHint')}
              value={owner}
              onChange={(event) => setOwner(event.currentTarget.value)}
              maxLength={128}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          <SiteField value={site} onChange={setSite} />
          {roles.includes('node') && (
            <Checkbox
              label={t('admin.cloudNode')}
              description={t('admin.devices.cloudHint')}
              checked={cloud}
              onChange={(event) => setCloud(event.currentTarget.checked)}
            />
          )}
          <div className={css.actions}>
            <Button variant="default" disabled={busy} onClick={() => void reject()}>
              {t('admin.approvals.reject')}
            </Button>
            <Button loading={busy} onClick={() => void approve()}>
              {t('admin.approvals.approve')}
            </Button>
          </div>
        </div>
      )}
      {failure && (
        <div className={css.failure}>
          <FailureNote failure={failure} />
        </div>
      )}
    </li>
  );
};
