import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PolicyRule } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { namesOf } from '../../../stores/names.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from '../pages/pages.module.css';
import { RuleForm } from './RuleForm.tsx';
import { saidBy } from './rule-draft.ts';
import { useEffectWords } from './use-effect-words.ts';

interface Props {
  readonly rules: readonly PolicyRule[];
  readonly version: number;
}

/** The exceptions from the settings: for whom, where, and what holds instead. */
export const Rules = ({ rules, version }: Props) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('dangerous');
  const { nameOf, wordsOf } = useEffectWords();
  const { busy, failure, act } = useAct();
  const users = useAnswer('admin.user.list').read.value;
  const groups = useAnswer('admin.group.list').read.value;
  const printers = useAnswer('admin.printer.list').read.value;
  const { sites } = useSites();
  const names = useMemo(() => namesOf(users, groups, printers, sites), [users, groups, printers, sites]);
  const [editing, setEditing] = useState(false);
  const [edited, setEdited] = useState<PolicyRule | null>(null);

  const open = (rule: PolicyRule | null) => {
    setEdited(rule);
    setEditing(true);
  };
  const remove = async ({ id, words }: PolicyRule) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.rule.removeHeadline', { id }),
      hint: t('admin.rule.removeHint', { words }),
      confirm: t('admin.rule.remove'),
      danger: true
    });
    if (sure && (await act('admin.policy.rule.remove', { id, seen: version })))
      prompts.getState().say(t('admin.policy.saved'));
  };
  const scopeOf = ({ user, group, printer, site }: PolicyRule) => {
    const named = (id: string | undefined) => id && (names.get(id) ?? id);
    const who = named(user ?? group);
    const place = named(printer ?? site);
    return [
      who ? t(user ? 'admin.rule.forUser' : 'admin.rule.forGroup', { who }) : t('admin.rule.forAll'),
      place ? t(printer ? 'admin.rule.atPrinter' : 'admin.rule.atSite', { place }) : t('admin.rule.everywhere')
    ].join(', ');
  };
  return (
    <section className={css.section} aria-labelledby="rules">
      <div className={css.row}>
        <h2 id="rules">{t('admin.rule.rules')}</h2>
        {may && (
          <Button
            size="sm"
            variant="light"
            leftSection={<IconPlus size={16} aria-hidden="true" />}
            onClick={() => open(null)}
          >
            {t('admin.rule.new')}
          </Button>
        )}
      </div>
      <p>{t('admin.rule.rulesHint')}</p>
      {failure && <FailureNote failure={failure} />}
      {rules.length === 0 && <p>{t('admin.rule.none')}</p>}
      <ul className={css.lines} aria-labelledby="rules">
        {rules.map((rule) => (
          <li key={rule.id} aria-label={rule.id}>
            <span className={css.what}>
              <strong>{rule.words}</strong>
              <span>{scopeOf(rule)}</span>
              {saidBy(rule.effects).map(([effect, value]) => (
                <span key={effect}>
                  {t('admin.rule.says', { name: nameOf(effect), value: wordsOf(effect, value) })}
                </span>
              ))}
              <code>{rule.id}</code>
            </span>
            {may && (
              <>
                <Button
                  size="sm"
                  variant="default"
                  aria-label={t('admin.rule.changeNamed', { id: rule.id })}
                  onClick={() => open(rule)}
                >
                  {t('admin.rule.edit')}
                </Button>
                <Button
                  size="sm"
                  variant="light"
                  color="wax"
                  disabled={busy}
                  aria-label={t('admin.rule.removeNamed', { id: rule.id })}
                  onClick={() => void remove(rule)}
                >
                  {t('admin.rule.remove')}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      <RuleForm opened={editing} rule={edited} seen={version} onClose={() => setEditing(false)} />
    </section>
  );
};
