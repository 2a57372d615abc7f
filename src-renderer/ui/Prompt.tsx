import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { PromptStore } from '../stores/prompts.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import css from './Prompt.module.css';
import { ShownOnce } from './ShownOnce.tsx';

/** The question that a page just asked, the secret that it just got, and the line that says what was done. */
export const Prompt = ({ prompts }: { readonly prompts: PromptStore }) => {
  const { t } = useTranslation();
  const { question, asking, secret, notice, answer, forgetSecret } = useStore(prompts);
  return (
    <>
      <ConfirmDialog
        opened={asking}
        headline={question?.headline ?? ''}
        hint={question?.hint ?? ''}
        confirm={question?.confirm ?? ''}
        keep={t('common.back')}
        danger={question?.danger ?? false}
        onConfirm={() => answer(true)}
        onClose={() => answer(false)}
      />
      <ShownOnce secret={secret} onKept={forgetSecret} />
      <div className={css.notices} role="status">
        {notice && <p className={css.notice}>{notice}</p>}
      </div>
    </>
  );
};
