import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditFilter } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { saveText } from '../../../ui/save-text.ts';

/** Saves the log (JSON lines with their signatures, docs/spec/audit.md) so that it can be verified without this coordinator. */
export const ExportAudit = ({ filter }: { readonly filter: AuditFilter }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act } = useAct();
  const save = async () => {
    const parts: string[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const page: { text: string; next: number | null } | undefined = await act('admin.audit.export', {
        ...filter,
        after,
        first: parts.length === 0
      });
      if (!page) return;
      parts.push(page.text);
      after = page.next;
    }
    saveText('audit.jsonl', 'application/jsonl', parts);
    prompts.getState().say(t('admin.audit.exported'));
  };
  return (
    <>
      {failure && <FailureNote failure={failure} />}
      <Button size="sm" variant="default" loading={busy} onClick={() => void save()}>
        {t('admin.audit.export')}
      </Button>
    </>
  );
};
