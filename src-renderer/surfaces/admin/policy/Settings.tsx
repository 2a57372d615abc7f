import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PolicyView } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole, useMay } from '../../../stores/console.ts';
import { ChoiceField, NumberField, SwitchField } from '../settings/fields.tsx';
import { SettingsForm } from '../settings/SettingsForm.tsx';
import { Preview } from './Preview.tsx';

interface Props {
  readonly policy: PolicyView;
  /** The version that the person has seen. */
  readonly version: number;
}

/** Hours that are proposed when releases without the coordinator are switched on: a working day. */
const workingDay = 8;

/** What holds for everybody. Each field says what it means. */
export const Settings = ({ policy, version }: Props) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act } = useAct();
  const [reason, setReason] = useState('');
  const save = async (change: Partial<PolicyView>) => {
    const why = reason.trim() ? { reason } : {};
    if (await act('admin.policy.set', { ...change, seen: version, ...why }))
      prompts.getState().say(t('admin.policy.saved'));
  };
  return (
    <SettingsForm
      saved={policy}
      editable={useMay()('dangerous')}
      busy={busy}
      failure={failure}
      valid={valid}
      onSave={(change) => void save(change)}
      before={(change) => (
        <>
          <TextInput
            label={t('admin.policy.reason')}
            description={t('admin.policy.reasonHint')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={500}
            autoComplete="off"
          />
          <Preview change={{ settings: change }} />
        </>
      )}
    >
      {(draft, amend) => (
        <>
          <NumberField
            label={t('admin.policy.replicas')}
            description={t('admin.policy.replicasHint')}
            value={draft.replicas}
            onChange={(replicas) => amend({ replicas })}
            min={1}
            max={5}
          />
          <NumberField
            label={t('admin.policy.quorum')}
            description={t('admin.policy.quorumHint')}
            value={draft.quorum}
            onChange={(quorum) => amend({ quorum })}
            min={1}
            max={5}
          />
          <NumberField
            label={t('admin.policy.holdHours')}
            description={t('admin.policy.holdHoursHint')}
            value={draft.holdHours}
            onChange={(holdHours) => amend({ holdHours })}
            min={0.5}
            max={168}
            step={0.5}
          />
          <ChoiceField
            label={t('admin.policy.deliveryGrade')}
            description={t('admin.policy.deliveryGradeHint')}
            value={draft.deliveryGrade}
            onChange={(deliveryGrade) => amend({ deliveryGrade })}
            options={(['ipps-required', 'ipps-preferred', 'plain-allowed'] as const).map((value) => ({
              value,
              label: t(`admin.grade.${value}`)
            }))}
          />
          <ChoiceField
            label={t('admin.policy.badges')}
            description={t('admin.policy.badgesHint')}
            value={draft.badges}
            onChange={(badges) => amend({ badges })}
            options={(['off', 'with-pin', 'alone'] as const).map((value) => ({
              value,
              label: t(`admin.policy.badge.${value}`)
            }))}
          />
          <SwitchField
            label={t('admin.policy.custody')}
            description={t('admin.policy.custodyHint')}
            value={draft.custody === 'strict'}
            onChange={(strict) => amend({ custody: strict ? 'strict' : 'standard' })}
          />
          <SwitchField
            label={t('admin.policy.offline')}
            description={t('admin.policy.offlineHint')}
            value={draft.offlineHours > 0}
            onChange={(on) => amend({ offlineHours: on ? policy.offlineHours || workingDay : 0 })}
          />
          {draft.offlineHours > 0 && (
            <NumberField
              label={t('admin.policy.offlineHours')}
              description={t('admin.policy.offlineHoursHint')}
              value={draft.offlineHours}
              onChange={(offlineHours) => amend({ offlineHours })}
              min={1}
              max={72}
            />
          )}
          <SwitchField
            label={t('admin.policy.cloudNodes')}
            description={t('admin.policy.cloudNodesHint')}
            value={draft.cloudNodes === 'allow'}
            onChange={(allowed) => amend({ cloudNodes: allowed ? 'allow' : 'deny' })}
          />
          <SwitchField
            label={t('admin.policy.jobNames')}
            description={t('admin.policy.jobNamesHint')}
            value={draft.jobNames === 'opaque'}
            onChange={(opaque) => amend({ jobNames: opaque ? 'opaque' : 'shown' })}
          />
          <SwitchField
            label={t('admin.policy.sharedPrinters')}
            description={t('admin.policy.sharedPrintersHint')}
            value={draft.sharedPrinters}
            onChange={(sharedPrinters) => amend({ sharedPrinters })}
          />
        </>
      )}
    </SettingsForm>
  );
};

const within = (value: number, least: number, most: number) => value >= least && value <= most;
const valid = ({ replicas, quorum, holdHours, offlineHours }: PolicyView) =>
  within(replicas, 1, 5) &&
  within(quorum, 1, 5) &&
  within(holdHours, 0.5, 168) &&
  within(offlineHours, 0, 72) &&
  [replicas, quorum, offlineHours].every(Number.isInteger);
