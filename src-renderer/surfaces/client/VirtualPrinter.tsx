import { useTranslation } from 'react-i18next';
import type { Bridge, ClientState } from '../../../src-preload/contract/index.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { Installation } from './Installation.tsx';
import css from './VirtualPrinter.module.css';

interface Props {
  readonly printer: ClientState['virtualPrinter'];
  readonly bridge: Bridge;
}

/** The printer that other programs see: whether it takes jobs, and whether print dialogs show it. */
export const VirtualPrinter = ({ printer, bridge }: Props) => {
  const { t } = useTranslation();
  const { accepting, failure, installation } = printer;
  const state = accepting ? 'ready' : failure ? 'refusing' : 'starting';
  return (
    <section className={css.printer} aria-labelledby="virtual-printer">
      <h2 id="virtual-printer">{t('virtualPrinter.label')}</h2>
      <p className={css.state} data-state={state}>
        {t(`virtualPrinter.${state}`)}
      </p>
      {failure && <FailureNote failure={failure} role="note" />}
      {installation && <Installation installation={installation} bridge={bridge} />}
    </section>
  );
};
