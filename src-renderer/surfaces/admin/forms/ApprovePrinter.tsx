import { Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryGrade, Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../../stores/console.ts';
import { Facts } from '../../../ui/Facts.tsx';
import { Fingerprint } from '../../../ui/Fingerprint.tsx';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { Note } from '../../../ui/Note.tsx';

type Printer = Output<'admin.printer.list'>[number];

/**
 * The certificate as the coordinator saw it, to be compared with the printer's own page. Where an approved printer has the same
 * address, its certificate stands beside the new one.
 */
export const ApprovePrinter = ({ printer, onClose }: { readonly printer: Printer | null; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const { read } = useAnswer('admin.printer.list');
  const [compared, setCompared] = useState(false);
  const [grade, setGrade] = useState<DeliveryGrade | null>(null);
  const certificate = printer?.certificateSha256 ?? null;
  const before = read.value?.find(
    ({ id, uri, status }) => id !== printer?.id && uri === printer?.uri && status === 'approved'
  );
  const chosen = grade ?? (certificate ? 'ipps-required' : 'plain-allowed');
  const close = () => {
    setCompared(false);
    setGrade(null);
    clear();
    onClose();
  };
  const approve = async () => {
    if (!printer) return;
    const approved = await act('admin.printer.approve', {
      id: printer.id,
      certificateSha256: certificate,
      grade: chosen
    });
    if (!approved) return;
    prompts.getState().say(t('admin.printers.approved', { name: approved.name }));
    close();
  };
  return (
    <FormDialog
      opened={printer !== null}
      headline={t('admin.printers.approveHeadline', { name: printer?.name ?? '' })}
      hint={t(certificate ? 'admin.printers.approveHint' : 'admin.printers.approvePlainHint')}
      submit={t('admin.printers.approve')}
      busy={busy}
      ready={compared}
      failure={failure}
      onSubmit={() => void approve()}
      onClose={close}
    >
      {before?.certificateSha256 && certificate && before.certificateSha256 !== certificate && (
        <Note tone="unsure" title={t('admin.printers.changed')} next={t('admin.printers.changedHint')} />
      )}
      {printer && (
        <Facts
          facts={[
            [t('admin.printers.uri'), <code key="uri">{printer.uri}</code>],
            [
              t('admin.printers.approvedCertificate'),
              before?.certificateSha256 && certificate ? (
                <Fingerprint key="before" hex={before.certificateSha256} other={certificate} />
              ) : null
            ],
            [
              t('admin.printers.certificate'),
              certificate ? (
                <Fingerprint key="now" hex={certificate} other={before?.certificateSha256 ?? undefined} />
              ) : (
                t('admin.printers.noCertificate')
              )
            ],
            [t('admin.printers.subject'), printer.certificateSubject],
            [t('admin.printers.ends'), printer.certificateExpires && formatDay(printer.certificateExpires)]
          ]}
        />
      )}
      <NativeSelect
        label={t('admin.printers.grade')}
        value={chosen}
        onChange={(event) => setGrade(event.currentTarget.value as DeliveryGrade)}
        data={(certificate
          ? (['ipps-required', 'ipps-preferred', 'plain-allowed'] as const)
          : (['plain-allowed'] as const)
        ).map((value) => ({ value, label: t(`admin.grade.${value}`) }))}
      />
      <Checkbox
        label={t(certificate ? 'admin.printers.compared' : 'admin.printers.plainAccepted')}
        checked={compared}
        onChange={(event) => setCompared(event.currentTarget.checked)}
      />
    </FormDialog>
  );
};
