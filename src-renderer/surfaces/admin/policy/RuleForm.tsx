import { NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PolicyEffect, PolicyRule } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole } from '../../../stores/console.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { PersonField } from '../forms/PersonField.tsx';
import { Preview } from './Preview.tsx';
import { beforePrinter, blankRule, draftOf, type RuleDraft, ruleOf } from './rule-draft.ts';
import { useEffectWords } from './use-effect-words.ts';

interface Props {
  readonly opened: boolean;
  /** To be changed; null: a new one. */
  readonly rule: PolicyRule | null;
  /** The version that the person has seen. */
  readonly seen: number;
  onClose(): void;
}

/** An exception: for whom, where, and what holds instead. What is left empty is left to other rules and to the settings. */
export const RuleForm = ({ opened, rule, seen, onClose }: Props) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { nameOf } = useEffectWords();
  const { busy, failure, act, clear } = useAct();
  const groups = useAnswer('admin.group.list').read.value ?? [];
  const printers = useAnswer('admin.printer.list').read.value ?? [];
  const { options: sites } = useSites();
  const [draft, setDraft] = useState<RuleDraft>(blankRule);
  const [reason, setReason] = useState('');
  useEffect(() => {
    if (opened) setDraft(rule ? draftOf(rule) : blankRule);
  }, [opened, rule]);
  const made = ruleOf(draft);
  const close = () => {
    setReason('');
    clear();
    onClose();
  };
  const save = async () => {
    if (!made) return;
    const why = reason.trim() ? { reason } : {};
    if (!(await act('admin.policy.rule.set', { rule: made, seen, ...why }))) return;
    prompts.getState().say(t('admin.policy.saved'));
    close();
  };
  const text = (name: keyof RuleDraft, label: string, extra: object = {}) => (
    <TextInput
      label={label}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
      autoComplete="off"
      {...extra}
    />
  );
  const choice = (
    name: keyof RuleDraft,
    label: string,
    options: readonly { readonly value: string; readonly label: string }[],
    nothing: string = t('admin.rule.notSaid')
  ) => (
    <NativeSelect
      label={label}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
      data={[{ value: '', label: nothing }, ...options]}
    />
  );
  const offered = (name: PolicyEffect) => !(draft.where === 'printer' && beforePrinter.includes(name));
  const named = ({ id, name }: { readonly id: string; readonly name: string }) => ({ value: id, label: name });
  return (
    <FormDialog
      opened={opened}
      headline={t(rule ? 'admin.rule.change' : 'admin.rule.new')}
      hint={t('admin.rule.hint')}
      submit={t('admin.policy.save')}
      busy={busy}
      ready={made !== undefined}
      failure={failure}
      onSubmit={() => void save()}
      onClose={close}
    >
      {!rule &&
        text('id', t('admin.rule.id'), {
          description: t('admin.rule.idHint'),
          maxLength: 48,
          spellCheck: false,
          'data-autofocus': true
        })}
      {text('words', t('admin.rule.words'), { description: t('admin.rule.wordsHint'), maxLength: 160 })}
      {choice(
        'who',
        t('admin.rule.who'),
        (['user', 'group'] as const).map((value) => ({ value, label: t(`admin.rule.whom.${value}`) })),
        t('admin.rule.everybody')
      )}
      {draft.who === 'user' && (
        <PersonField
          label={t('admin.rule.whom.user')}
          value={draft.user}
          onChange={(user) => setDraft({ ...draft, user })}
        />
      )}
      {draft.who === 'group' && choice('group', t('admin.rule.whom.group'), groups.map(named), '')}
      {choice(
        'where',
        t('admin.rule.where'),
        (['printer', 'site'] as const).map((value) => ({ value, label: t(`admin.rule.place.${value}`) })),
        t('admin.rule.everywhere')
      )}
      {draft.where === 'printer' &&
        choice(
          'printer',
          t('admin.rule.place.printer'),
          printers.filter(({ status }) => status === 'approved').map(named),
          ''
        )}
      {draft.where === 'site' && choice('site', t('admin.rule.place.site'), sites, '')}
      {(['print', 'color'] as const).map((name) => (
        <NativeSelect
          key={name}
          label={nameOf(name)}
          value={draft[name]}
          onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
          data={[
            { value: '', label: t('admin.rule.notSaid') },
            ...(['allow', 'deny'] as const).map((value) => ({ value, label: t(`admin.rule.${name}.${value}`) }))
          ]}
        />
      ))}
      {choice(
        'duplex',
        nameOf('duplex'),
        (['any', 'required'] as const).map((value) => ({ value, label: t(`admin.rule.duplex.${value}`) }))
      )}
      {choice(
        'deliveryGrade',
        nameOf('deliveryGrade'),
        (['ipps-required', 'ipps-preferred', 'plain-allowed'] as const).map((value) => ({
          value,
          label: t(`admin.grade.${value}`)
        }))
      )}
      {offered('custody') &&
        choice(
          'custody',
          nameOf('custody'),
          (['standard', 'strict'] as const).map((value) => ({ value, label: t(`admin.jobs.custodies.${value}`) }))
        )}
      {offered('replicas') && text('replicas', nameOf('replicas'), { type: 'number', min: 1, max: 5 })}
      {offered('quorum') && text('quorum', nameOf('quorum'), { type: 'number', min: 1, max: 5 })}
      {offered('cloudNodes') &&
        choice(
          'cloudNodes',
          nameOf('cloudNodes'),
          (['allow', 'deny'] as const).map((value) => ({ value, label: t(`admin.rule.cloudNodes.${value}`) }))
        )}
      {offered('holdHours') &&
        text('holdHours', nameOf('holdHours'), { type: 'number', min: 0.5, max: 168, step: 0.5 })}
      {choice(
        'pages',
        nameOf('pagesPerMonth'),
        (['limited', 'unlimited'] as const).map((value) => ({ value, label: t(`admin.rule.${value}`) }))
      )}
      {draft.pages === 'limited' &&
        text('pagesPerMonth', t('admin.rule.most'), {
          description: t('admin.rule.mostHint'),
          type: 'number',
          min: 0,
          max: 1_000_000
        })}
      {text('greyCost', t('admin.rule.greyCost'), { description: t('admin.rule.costHint'), inputMode: 'decimal' })}
      {text('colorCost', t('admin.rule.colorCost'), { inputMode: 'decimal' })}
      {choice(
        'watermark',
        nameOf('watermark'),
        (['none', 'footer', 'diagonal'] as const).map((value) => ({ value, label: t(`admin.rule.mark.${value}`) }))
      )}
      {(draft.watermark === 'footer' || draft.watermark === 'diagonal') &&
        text('watermarkText', t('admin.rule.markText'), { description: t('admin.rule.markHint'), maxLength: 120 })}
      <TextInput
        label={t('admin.policy.reason')}
        description={t('admin.policy.reasonHint')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autoComplete="off"
      />
      {made && <Preview change={{ set: [made] }} />}
    </FormDialog>
  );
};
