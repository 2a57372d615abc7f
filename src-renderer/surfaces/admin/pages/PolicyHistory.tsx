import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../../i18n/format.ts';
import { amendAddress, useAddress } from '../../../stores/address.ts';
import { useAnswer } from '../../../stores/console.ts';
import { type Names, namesOf, readable } from '../../../stores/names.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

const pageOf = 20;

/** Every version of the policy, newest first: who made it, why, and what it changed. */
export const PolicyHistory = () => {
  const { t } = useTranslation();
  const { query } = useAddress();
  const before = query.before ? { before: Number(query.before) } : {};
  const answer = useAnswer('admin.policy.history', { limit: pageOf, ...before });
  const oldest = answer.read.value?.at(-1)?.version ?? 1;
  return (
    <Page title={t('admin.page.policyHistory')} hint={t('admin.policy.historyHint')}>
      <ReadGate {...answer}>
        {(versions) => (
          <ul className={css.lines} aria-label={t('admin.page.policyHistory')}>
            {versions.map(({ version, created, author, reason, changes }) => (
              <li key={version}>
                <span className={css.what}>
                  <strong>{t('admin.policy.versionBy', { version, author, when: formatMoment(created) })}</strong>
                  {reason && <span>{reason}</span>}
                </span>
                <Changes changes={changes} />
              </li>
            ))}
          </ul>
        )}
      </ReadGate>
      <div className={css.row}>
        {oldest > 1 && (
          <Button size="sm" variant="default" onClick={() => amendAddress({ before: String(oldest) })}>
            {t('admin.policy.earlier')}
          </Button>
        )}
        {query.before && (
          <Button size="sm" variant="default" onClick={() => amendAddress({ before: '' })}>
            {t('admin.policy.newest')}
          </Button>
        )}
      </div>
    </Page>
  );
};

interface ChangesProps {
  readonly changes: readonly { readonly what: string; readonly before: string | null; readonly after: string | null }[];
}

/** What was taken away and what took its place, as it is written. */
const Changes = ({ changes }: ChangesProps) => {
  const users = useAnswer('admin.user.list').read.value;
  const groups = useAnswer('admin.group.list').read.value;
  const printers = useAnswer('admin.printer.list').read.value;
  const names = useMemo(() => namesOf(users, groups, printers), [users, groups, printers]);
  const shown = (text: string) => linesOf(JSON.parse(text), names).join('\n');
  return (
    <dl className={css.diff}>
      {changes.map(({ what, before, after }) => (
        <div key={what}>
          <dt>{what}</dt>
          {before !== null && (
            <dd>
              <del>{shown(before)}</del>
            </dd>
          )}
          {after !== null && (
            <dd>
              <ins>{shown(after)}</ins>
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
};

/** A value as it stands in the policy, one line for each part; ids as names. */
const linesOf = (value: unknown, names: Names, name?: string): readonly string[] => {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([part, of]) => linesOf(of, names, part));
  const text = typeof value === 'string' ? readable(value, names) : String(value);
  return [name === undefined ? text : `${name}: ${text}`];
};
