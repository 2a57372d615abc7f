import { Button } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bridge, ClientState } from '../../../src-preload/contract/index.ts';
import { Holders } from '../../ui/Holders.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { ConnectionLine } from './ConnectionLine.tsx';
import css from './Sidebar.module.css';
import { VirtualPrinter } from './VirtualPrinter.tsx';

interface Props {
  readonly state: ClientState;
  readonly organization: string;
  readonly bridge: Bridge;
}

/** What this computer is and whom it reaches. On narrow windows all but the first lines folds away. */
export const Sidebar = ({ state, organization, bridge }: Props) => {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { device, owner, connection, virtualPrinter } = state;
  return (
    <aside className={css.side} data-open={open} aria-label={t('client.device')}>
      <div className={css.brand}>
        <Mark size={36} />
        <div className={css.names}>
          <p className={css.organization} title={organization}>
            {organization}
          </p>
          <p className={css.device}>{device.name}</p>
        </div>
        <Button
          className={css.fold}
          variant="subtle"
          aria-expanded={open}
          aria-controls="client-details"
          onClick={() => setOpen(!open)}
          rightSection={<IconChevronDown size={16} aria-hidden="true" />}
        >
          {t('common.details')}
        </Button>
      </div>
      <ConnectionLine connection={connection} />
      <div className={css.details} id="client-details">
        <section aria-labelledby="machines">
          <h2 id="machines">{t('connection.machines')}</h2>
          {connection.nodes.length > 0 ? (
            <Holders holders={connection.nodes} label={t('connection.machines')} />
          ) : (
            <p className={css.muted}>{t('connection.noMachines')}</p>
          )}
        </section>
        <VirtualPrinter printer={virtualPrinter} bridge={bridge} />
        <p className={css.owner}>{owner ? t('client.prints', { owner }) : t('client.noOwner')}</p>
      </div>
    </aside>
  );
};
