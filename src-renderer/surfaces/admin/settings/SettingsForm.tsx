import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../../src-preload/contract/index.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from '../pages/pages.module.css';

interface Props<Settings> {
  readonly saved: Settings;
  /** Whoever may not change them sees them all the same. */
  readonly editable: boolean;
  readonly busy: boolean;
  readonly failure: Failure | null;
  /** Whether a draft can be saved; the coordinator looks at it again. */
  valid(draft: Settings): boolean;
  onSave(change: Partial<Settings>): void;
  children(draft: Settings, amend: (change: Partial<Settings>) => void): ReactNode;
  /** What is asked, or shown, about a change before it is made. */
  before?(change: Partial<Settings>): ReactNode;
}

/** Settings that are in force, and a draft of other ones. Nothing changes before it is saved; only what differs is sent. */
export const SettingsForm = <Settings extends object>(props: Props<Settings>) => {
  const { saved, editable, busy, failure, valid, onSave, children, before } = props;
  const { t } = useTranslation();
  const [draft, setDraft] = useState(saved);
  const names = (Object.keys(saved) as (keyof Settings)[]).filter((name) => draft[name] !== saved[name]);
  const change = Object.fromEntries(names.map((name) => [name, draft[name]])) as Partial<Settings>;
  const changed = names.length > 0;
  const ready = changed && valid(draft);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onSave(change);
  };
  return (
    <form className={css.form} onSubmit={send}>
      {failure && <FailureNote failure={failure} />}
      <fieldset className={css.form} disabled={!editable}>
        {children(draft, (part) => setDraft({ ...draft, ...part }))}
      </fieldset>
      {ready && before?.(change)}
      {editable && (
        <div className={css.row}>
          <Button type="submit" loading={busy} disabled={!ready}>
            {t('admin.policy.save')}
          </Button>
          {changed && (
            <Button variant="subtle" onClick={() => setDraft(saved)}>
              {t('admin.policy.undo')}
            </Button>
          )}
        </div>
      )}
    </form>
  );
};
