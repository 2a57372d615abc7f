import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAnswer, useMay } from '../../../stores/console.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { ApprovePrinter } from '../forms/ApprovePrinter.tsx';
import { PairingCard } from '../forms/PairingCard.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

/** Everything that waits for an administrator: machines that ask to join, printers whose certificate nobody compared yet. */
export const Approvals = () => {
  const { t } = useTranslation();
  const may = useMay();
  const requests = useAnswer('admin.pairing.list');
  const printers = useAnswer('admin.printer.list');
  const [approving, setApproving] = useState<Output<'admin.printer.list'>[number] | null>(null);
  const pending = printers.read.value?.filter(({ status }) => status === 'pending') ?? [];
  const nothing = requests.read.value?.length === 0 && printers.read.value !== undefined && pending.length === 0;
  return (
    <Page title={t('admin.page.approvals')} hint={t('admin.approvals.hint')}>
      {nothing && <EmptyState headline={t('admin.approvals.none')} hint={t('admin.approvals.noneHint')} />}
      <ReadGate {...requests}>
        {(list) =>
          list.length > 0 && (
            <section className={css.section} aria-labelledby="requests">
              <h2 id="requests">{t('admin.approvals.machines')}</h2>
              <ul className={css.stack}>
                {list.map((request) => (
                  <PairingCard key={request.id} request={request} />
                ))}
              </ul>
            </section>
          )
        }
      </ReadGate>
      <ReadGate {...printers} lines={2}>
        {() =>
          pending.length > 0 && (
            <section className={css.section} aria-labelledby="printers">
              <h2 id="printers">{t('admin.approvals.printers')}</h2>
              <ul className={css.lines}>
                {pending.map((printer) => (
                  <li key={printer.id}>
                    <span className={css.what}>
                      <strong>{printer.name}</strong>
                      <code>{printer.uri}</code>
                    </span>
                    {may('manage') && (
                      <Button size="sm" onClick={() => setApproving(printer)}>
                        {t('admin.printers.compare')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )
        }
      </ReadGate>
      <ApprovePrinter printer={approving} onClose={() => setApproving(null)} />
    </Page>
  );
};
