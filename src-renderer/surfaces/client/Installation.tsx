import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bridge, Failure, InstallationView } from '../../../src-preload/contract/index.ts';
import { ask } from '../../gateway/bridge.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';

interface Props {
  readonly installation: InstallationView;
  readonly bridge: Bridge;
}

/** Whether the print dialogs of this computer show the printer, and the one thing that can be done about it. */
export const Installation = ({ installation: { state, queue, failure }, bridge }: Props) => {
  const { t } = useTranslation();
  const [removing, setRemoving] = useState(false);
  const [working, setWorking] = useState(false);
  const [refused, setRefused] = useState<Failure | null>(null);
  const run = async (procedure: 'client.printer.install' | 'client.printer.remove') => {
    setRemoving(false);
    setWorking(true);
    const result = await ask(bridge, procedure, {});
    setWorking(false);
    setRefused(result.ok ? null : result);
  };
  const shown = refused ?? failure;
  return (
    <>
      <p role="status">{t(`virtualPrinter.${state}`, { queue })}</p>
      {shown && <FailureNote failure={shown} role="note" />}
      {state === 'installed' ? (
        <Button variant="light" loading={working} onClick={() => setRemoving(true)}>
          {t('virtualPrinter.remove')}
        </Button>
      ) : state === 'unsupported' ? (
        <CopyText text={t('virtualPrinter.command')} label={t('virtualPrinter.commandLabel')} />
      ) : (
        <Button variant="light" loading={working} onClick={() => void run('client.printer.install')}>
          {t(state === 'changed' ? 'virtualPrinter.repair' : 'virtualPrinter.install')}
        </Button>
      )}
      <ConfirmDialog
        opened={removing}
        headline={t('virtualPrinter.removeHeadline', { queue })}
        hint={t('virtualPrinter.removeHint')}
        confirm={t('virtualPrinter.remove')}
        keep={t('virtualPrinter.keep')}
        onConfirm={() => void run('client.printer.remove')}
        onClose={() => setRemoving(false)}
      />
    </>
  );
};
