import { IconDeviceLaptop, IconDeviceLaptopOff, IconProgress } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Forecast } from '../../stores/forecast.ts';
import css from './ForecastLine.module.css';

/** The one sentence people need before they leave: may this computer be closed? */
export const ForecastLine = ({ forecast }: { readonly forecast: Forecast }) => {
  const { t } = useTranslation();
  const { kind, count, machines, wanted } = forecast;
  const Icon = kind === 'safe' ? IconDeviceLaptop : kind === 'sealing' ? IconProgress : IconDeviceLaptopOff;
  return (
    <div className={css.forecast} data-kind={kind} role="status" aria-label={t('forecast.label')}>
      <Icon className={css.icon} size={28} stroke={1.6} aria-hidden="true" />
      <div>
        <p className={css.headline}>{t(`forecast.${kind}-headline`)}</p>
        <p>{t(`forecast.${kind}`, { count, wanted, machines: t('forecast.machines', { count: machines }) })}</p>
      </div>
    </div>
  );
};
