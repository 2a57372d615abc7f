import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output, UserGroupId } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

type Rules = Output<'admin.user.rules'>;

/** What is decided about people: their PINs, delegates and guests. */
export const UserRules = () => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.user.rules');
  return (
    <Page
      title={t('admin.page.userRules')}
      hint={t('admin.userRules.hint')}
      actions={
        <Button component="a" href="#/users" size="sm" variant="default">
          {t('admin.page.users')}
        </Button>
      }
    >
      <ReadGate {...answer}>{(rules) => <RulesForm key={JSON.stringify(rules)} rules={rules} />}</ReadGate>
    </Page>
  );
};

const RulesForm = ({ rules }: { readonly rules: Rules }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const editable = useMay()('dangerous');
  const groups = useAnswer('admin.group.list').read.value ?? [];
  const { busy, failure, act } = useAct();
  const [draft, setDraft] = useState(rules);
  const amend = (change: Partial<Rules>) => setDraft({ ...draft, ...change });
  const changed = (Object.keys(rules) as (keyof Rules)[]).filter((field) => draft[field] !== rules[field]);
  const valid =
    changed.length > 0 &&
    draft.pinLength >= 4 &&
    draft.pinLength <= 12 &&
    draft.guestHours >= 1 &&
    draft.guestHours <= 24 * 31;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const change = Object.fromEntries(changed.map((field) => [field, draft[field]]));
    if (await act('admin.user.set-rules', change)) prompts.getState().say(t('admin.userRules.saved'));
  };
  return (
    <form className={css.form} onSubmit={(event) => void save(event)}>
      {failure && <FailureNote failure={failure} />}
      <TextInput
        type="number"
        label={t('admin.userRules.pinLength')}
        description={t('admin.userRules.pinLengthHint')}
        value={draft.pinLength}
        onChange={(event) => amend({ pinLength: event.currentTarget.valueAsNumber || 0 })}
        min={4}
        max={12}
        disabled={!editable}
      />
      <Checkbox
        label={t('admin.userRules.yearPins')}
        description={t('admin.userRules.yearPinsHint')}
        checked={draft.yearPins === 'refused'}
        onChange={(event) => amend({ yearPins: event.currentTarget.checked ? 'refused' : 'allowed' })}
        disabled={!editable}
      />
      <Checkbox
        label={t('admin.userRules.delegates')}
        description={t('admin.userRules.delegatesHint')}
        checked={draft.delegates}
        onChange={(event) => amend({ delegates: event.currentTarget.checked })}
        disabled={!editable}
      />
      <Checkbox
        label={t('admin.userRules.guests')}
        description={t('admin.userRules.guestsHint')}
        checked={draft.guests}
        onChange={(event) => amend({ guests: event.currentTarget.checked })}
        disabled={!editable}
      />
      {draft.guests && (
        <>
          <NativeSelect
            label={t('admin.userRules.guestHosts')}
            value={draft.guestHosts ?? ''}
            onChange={(event) => amend({ guestHosts: (event.currentTarget.value || null) as UserGroupId | null })}
            data={[
              { value: '', label: t('admin.rule.everybody') },
              ...groups.map(({ id, name }) => ({ value: id, label: name }))
            ]}
            disabled={!editable}
          />
          <TextInput
            type="number"
            label={t('admin.userRules.guestHours')}
            description={t('admin.userRules.guestHoursHint')}
            value={draft.guestHours}
            onChange={(event) => amend({ guestHours: event.currentTarget.valueAsNumber || 0 })}
            min={1}
            max={744}
            disabled={!editable}
          />
        </>
      )}
      <Checkbox
        label={t('admin.userRules.emailSignIn')}
        description={t('admin.userRules.emailSignInHint')}
        checked={draft.emailSignIn}
        onChange={(event) => amend({ emailSignIn: event.currentTarget.checked })}
        disabled={!editable}
      />
      {editable && (
        <div className={css.row}>
          <Button type="submit" loading={busy} disabled={!valid}>
            {t('admin.policy.save')}
          </Button>
          {changed.length > 0 && (
            <Button variant="subtle" onClick={() => setDraft(rules)}>
              {t('admin.policy.undo')}
            </Button>
          )}
        </div>
      )}
    </form>
  );
};
