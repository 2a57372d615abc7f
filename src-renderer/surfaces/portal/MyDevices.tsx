import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../stores/console.ts';
import { deviceState, toneOfDevice } from '../../stores/tones.ts';
import { ReadGate } from '../../ui/ReadGate.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import css from './App.module.css';

/** The computers that print for this person. */
export const MyDevices = () => {
  const { t } = useTranslation();
  const answer = useAnswer('portal.device.list');
  return (
    <section className={css.section} aria-labelledby="devices">
      <h2 id="devices">{t('portal.devices')}</h2>
      <ReadGate {...answer} lines={1}>
        {(devices) =>
          devices.length === 0 ? (
            <p className={css.muted}>{t('portal.noDevices')}</p>
          ) : (
            <ul className={css.list} aria-labelledby="devices">
              {devices.map(({ id, name, status, online }) => {
                const state = deviceState({ status, online });
                return (
                  <li key={id}>
                    <StatusMark tone={toneOfDevice[state]}>{t(`admin.devices.state.${state}`)}</StatusMark>
                    <span>{name}</span>
                  </li>
                );
              })}
            </ul>
          )
        }
      </ReadGate>
    </section>
  );
};
