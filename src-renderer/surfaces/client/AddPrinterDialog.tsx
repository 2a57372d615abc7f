import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyText } from '../../ui/CopyText.tsx';
import css from './AddPrinterDialog.module.css';

interface Props {
  readonly opened: boolean;
  readonly uri: string | null;
  onClose(): void;
}

const systems = ['linux', 'mac', 'windows'] as const;

/** What each system needs to know: a command, two fields, a web address. */
const textFor = (system: (typeof systems)[number], uri: string): string => {
  if (system === 'linux') return `lpadmin -p Letterlock -E -v ${uri} -m everywhere`;
  const { host, pathname } = new URL(uri.replace(/^ipp:/, 'http:'));
  return system === 'mac' ? `${host} ${pathname.slice(1)}` : `http://${host}${pathname}`;
};

/** How to add the virtual printer to this computer's system, by hand. */
export const AddPrinterDialog = ({ opened, uri, onClose }: Props) => {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('virtualPrinter.dialog')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <p className={css.intro}>{uri ? t('virtualPrinter.intro') : t('virtualPrinter.addressMissing')}</p>
      {uri &&
        systems.map((system) => (
          <section key={system} className={css.system}>
            <h3>{t(`virtualPrinter.${system}`)}</h3>
            <p>{t(`virtualPrinter.${system}Step`)}</p>
            <CopyText text={textFor(system, uri)} label={`${t('common.copy')}: ${t(`virtualPrinter.${system}`)}`} />
          </section>
        ))}
    </Modal>
  );
};
