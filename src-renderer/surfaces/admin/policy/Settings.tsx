import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryGrade, PolicyView } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from '../pages/pages.module.css';
import { Preview } from './Preview.tsx';

interface Props {
  readonly policy: PolicyView;
  /** The version that the person has seen. */
  readonly version: number;
}

/** What holds for everybody. Each field says what it means; nothing changes before it is saved. */
export const Settings = ({ policy, version }: Props) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const editable = useMay()('dangerous');
  const { busy, failure, act } = useAct();
  const [draft, setDraft] = useState(policy);
  const [reason, setReason] = useState('');
  const amend = (change: Partial<PolicyView>) => setDraft({ ...draft, ...change });
  const changed = (Object.keys(policy) as (keyof PolicyView)[]).filter((field) => draft[field] !== policy[field]);
  const valid =
    draft.replicas >= 1 &&
    draft.replicas <= 5 &&
    draft.quorum >= 1 &&
    draft.quorum <= 5 &&
    draft.holdHours >= 0.5 &&
    draft.holdHours <= 168 &&
    changed.length > 0;

  const change = Object.fromEntries(changed.map((field) => [field, draft[field]]));

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const why = reason.trim() ? { reason } : {};
    if (await act('admin.policy.set', { ...change, seen: version, ...why }))
      prompts.getState().say(t('admin.policy.saved'));
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
        label={t('admin.policy.quorum')}
        description={t('admin.policy.quorumHint')}
        value={draft.quorum}
        onChange={(event) => amend({ quorum: event.currentTarget.valueAsNumber || 0 })}
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
      {editable && changed.length > 0 && (
        <>
          <TextInput
            label={t('admin.policy.reason')}
            description={t('admin.policy.reasonHint')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={500}
            autoComplete="off"
          />
          {valid && <Preview change={{ settings: change }} />}
        </>
      )}
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
