import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../../i18n/format.ts';
import { useAnswer } from '../../../stores/console.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from './pages.module.css';

const DailyChart = lazy(() => import('./DailyChart.tsx'));

/** How the jobs of the last days ended: as a picture, and in words. */
export const LastDays = ({ days }: { readonly days: number }) => {
  const { t } = useTranslation();
  const report = useAnswer('admin.report.daily', { days });
  const title = t('admin.overview.lastDays', { count: days });
  return (
    <section className={css.section} aria-labelledby="last-days">
      <h2 id="last-days">{title}</h2>
      <ReadGate {...report} lines={3}>
        {(counted) => {
          const sum = (field: 'printed' | 'erased' | 'canceled') =>
            counted.reduce((total, day) => total + day[field], 0);
          const all = sum('printed') + sum('erased') + sum('canceled');
          if (all === 0) return <p>{t('admin.overview.noDays')}</p>;
          return (
            <>
              <p>{t('admin.overview.saved', { count: sum('erased') + sum('canceled'), all })}</p>
              <Suspense fallback={<div className={css.chart} />}>
                <DailyChart days={counted} label={title} />
              </Suspense>
              <ul className={css.legend}>
                {(['printed', 'erased', 'canceled'] as const).map((series) => (
                  <li key={series} data-series={series}>
                    {t(`admin.overview.${series}`, { count: sum(series) })}
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </ReadGate>
      <p>
        {report.read.at !== undefined &&
          t('admin.overview.asOf', { when: formatMoment(new Date(report.read.at).toISOString()) })}
      </p>
    </section>
  );
};
