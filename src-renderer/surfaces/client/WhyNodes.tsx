import { useTranslation } from 'react-i18next';
import type { PlacementChoice } from '../../../src-preload/contract/index.ts';
import css from './WhyNodes.module.css';

/** Why these machines keep a job, and others don't; for whoever wants to know. */
export const WhyNodes = ({ why }: { readonly why: readonly PlacementChoice[] }) => {
  const { t } = useTranslation();
  return (
    <details className={css.why}>
      <summary>{t('why.summary')}</summary>
      <dl>
        {why.map(({ node, name, chosen, reason }) => (
          <div key={node} data-chosen={chosen}>
            <dt>{name}</dt>
            <dd>{t(`why.${reason}`)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
};
