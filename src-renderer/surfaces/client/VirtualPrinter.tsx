import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClientState } from '../../../src-preload/contract/index.ts';
import { CopyText } from '../../ui/CopyText.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { AddPrinterDialog } from './AddPrinterDialog.tsx';
import css from './VirtualPrinter.module.css';

/** The printer that other programs see: whether it takes jobs, where it is, how to add it. */
export const VirtualPrinter = ({ printer }: { readonly printer: ClientState['virtualPrinter'] }) => {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const { uri, accepting, failure } = printer;
  const state = accepting ? 'ready' : failure ? 'refusing' : 'starting';
  return (
    <section className={css.printer} aria-labelledby="virtual-printer">
      <h2 id="virtual-printer">{t('virtualPrinter.label')}</h2>
      <p className={css.state} data-state={state}>
        {t(`virtualPrinter.${state}`)}
      </p>
      {failure && <FailureNote failure={failure} role="note" />}
      {uri && <CopyText text={uri} label={t('virtualPrinter.copyAddress')} />}
      <Button variant="light" onClick={() => setAdding(true)}>
        {t('virtualPrinter.howTo')}
      </Button>
      <AddPrinterDialog opened={adding} uri={uri} onClose={() => setAdding(false)} />
    </section>
  );
};
