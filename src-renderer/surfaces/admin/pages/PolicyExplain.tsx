import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output, PolicyEffect, PrinterId } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer } from '../../../stores/console.ts';
import { Note } from '../../../ui/Note.tsx';
import { Page } from '../Page.tsx';
import { useEffectWords } from '../policy/use-effect-words.ts';
import css from './pages.module.css';

type Explanation = Output<'admin.policy.explain'>;

/** Who wants to print where: may they, and which rule says so? */
export const PolicyExplain = () => {
  const { t } = useTranslation();
  const printers = useAnswer('admin.printer.list').read.value ?? [];
  const { busy, failure, act } = useAct();
  const [user, setUser] = useState('');
  const [printer, setPrinter] = useState('');
  const [color, setColor] = useState(false);
  const [oneSided, setOneSided] = useState(false);
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    const explained = await act('admin.policy.explain', {
      user,
      ...(printer ? { printer: printer as PrinterId } : {}),
      ...(color ? { color } : {}),
      ...(oneSided ? { twoSided: false } : {})
    });
    setAnswer(explained ?? null);
  };
  return (
    <Page title={t('admin.page.policyExplain')} hint={t('admin.policy.explainHint')} failure={failure}>
      <div className={css.columns}>
        <form className={css.form} onSubmit={(event) => void ask(event)}>
          <TextInput
            label={t('admin.policy.explainUser')}
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
            maxLength={128}
            autoComplete="off"
            spellCheck={false}
          />
          <NativeSelect
            label={t('admin.jobs.printer')}
            value={printer}
            onChange={(event) => setPrinter(event.currentTarget.value)}
            data={[
              { value: '', label: t('admin.policy.anyPrinter') },
              ...printers
                .filter(({ status }) => status === 'approved')
                .map(({ id, name }) => ({ value: id, label: name }))
            ]}
          />
          <Checkbox
            label={t('admin.policy.inColor')}
            checked={color}
            onChange={(event) => setColor(event.currentTarget.checked)}
          />
          <Checkbox
            label={t('admin.policy.oneSided')}
            checked={oneSided}
            onChange={(event) => setOneSided(event.currentTarget.checked)}
          />
          <Button type="submit" loading={busy} disabled={user.trim() === ''}>
            {t('admin.policy.ask')}
          </Button>
        </form>
        {answer && <Answer answer={answer} />}
      </div>
    </Page>
  );
};

const Answer = ({ answer }: { readonly answer: Explanation }) => {
  const { t } = useTranslation();
  const { nameOf, wordsOf } = useEffectWords();
  const { allowed, refusals, decisions, pagesThisMonth, version } = answer;
  return (
    <section className={css.section} aria-label={t('admin.policy.answer')}>
      {allowed ? (
        <p className={css.calm} role="status">
          {t('admin.policy.allowed')}
        </p>
      ) : (
        refusals.map(({ effect, rule, words }) => (
          <Note
            key={effect}
            tone="trouble"
            role="alert"
            title={words}
            next={t('admin.policy.because', { name: nameOf(effect as PolicyEffect), rule })}
          />
        ))
      )}
      <p>{t('admin.policy.printedThisMonth', { count: pagesThisMonth, version })}</p>
      <ul className={css.lines} aria-label={t('admin.policy.decisions')}>
        {decisions.map(({ effect, value, rule, words }) => (
          <li key={effect}>
            <span className={css.what}>
              <strong>{nameOf(effect as PolicyEffect)}</strong>
              <span>{rule === 'settings' ? t('admin.policy.bySettings') : words}</span>
              {rule !== 'settings' && <code>{rule}</code>}
            </span>
            {wordsOf(effect as PolicyEffect, JSON.parse(value))}
          </li>
        ))}
      </ul>
    </section>
  );
};
