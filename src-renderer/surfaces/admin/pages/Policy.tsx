import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryGrade, PolicyView } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

/** What holds for everybody. Each field says what it means; nothing changes before it is saved. */
export const Policy = () => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.policy.get');
  return (
    <Page title={t('admin.page.policy')} hint={t('admin.policy.hint')}>
      <ReadGate {...answer}>{(policy) => <PolicyForm key={JSON.stringify(policy)} policy={policy} />}</ReadGate>
    </Page>
  );
};

const PolicyForm = ({ policy }: { readonly policy: PolicyView }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const editable = useMay()('dangerous');
  const { busy, failure, act } = useAct();
  const [draft, setDraft] = useState(policy);
  const amend = (change: Partial<PolicyView>) => setDraft({ ...draft, ...change });
  const changed = (Object.keys(policy) as (keyof PolicyView)[]).filter((field) => draft[field] !== policy[field]);
  const valid =
    draft.replicas >= 1 &&
    draft.replicas <= 5 &&
    draft.holdHours >= 0.5 &&
    draft.holdHours <= 168 &&
    changed.length > 0;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const change = Object.fromEntries(changed.map((field) => [field, draft[field]]));
    if (await act('admin.policy.set', change)) prompts.getState().say(t('admin.policy.saved'));
  };
  return (
    <form className={css.form} onSubmit={(event) => void save(event)}>
      {failure && <FailureNote failure={failure} />}
      <TextInput
        type="number"
        label={t('admin.policy.replicas')}
        description={t('admin.policy.replicasHint')}
        value={draft.replicas}
        onChange={(event) => amend({ replicas: event.currentTarget.valueAsNumber || 0 })}
        min={1}
        max={5}
        disabled={!editable}
      />
      <TextInput
        type="number"
        label={t('admin.policy.holdHours')}
        description={t('admin.policy.holdHoursHint')}
        value={draft.holdHours}
        onChange={(event) => amend({ holdHours: event.currentTarget.valueAsNumber || 0 })}
        min={0.5}
        max={168}
        step={0.5}
        disabled={!editable}
      />
      <NativeSelect
        label={t('admin.policy.deliveryGrade')}
        description={t('admin.policy.deliveryGradeHint')}
        value={draft.deliveryGrade}
        onChange={(event) => amend({ deliveryGrade: event.currentTarget.value as DeliveryGrade })}
        data={(['ipps-required', 'ipps-preferred', 'plain-allowed'] as const).map((value) => ({
          value,
          label: t(`admin.grade.${value}`)
        }))}
        disabled={!editable}
      />
      <NativeSelect
        label={t('admin.policy.badges')}
        description={t('admin.policy.badgesHint')}
        value={draft.badges}
        onChange={(event) => amend({ badges: event.currentTarget.value as PolicyView['badges'] })}
        data={(['off', 'with-pin', 'alone'] as const).map((value) => ({
          value,
          label: t(`admin.policy.badge.${value}`)
        }))}
        disabled={!editable}
      />
      <Checkbox
        label={t('admin.policy.custody')}
        description={t('admin.policy.custodyHint')}
        checked={draft.custody === 'strict'}
        onChange={(event) => amend({ custody: event.currentTarget.checked ? 'strict' : 'standard' })}
        disabled={!editable}
      />
      <Checkbox
        label={t('admin.policy.jobNames')}
        description={t('admin.policy.jobNamesHint')}
        checked={draft.jobNames === 'opaque'}
        onChange={(event) => amend({ jobNames: event.currentTarget.checked ? 'opaque' : 'shown' })}
        disabled={!editable}
      />
      <Checkbox
        label={t('admin.policy.sharedPrinters')}
        description={t('admin.policy.sharedPrintersHint')}
        checked={draft.sharedPrinters}
        onChange={(event) => amend({ sharedPrinters: event.currentTarget.checked })}
        disabled={!editable}
      />
      {editable && (
        <div className={css.row}>
          <Button type="submit" loading={busy} disabled={!valid}>
            {t('admin.policy.save')}
          </Button>
          {changed.length > 0 && (
            <Button variant="subtle" onClick={() => setDraft(policy)}>
              {t('admin.policy.undo')}
            </Button>
          )}
        </div>
      )}
    </form>
  );
};
