import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Secret } from '../stores/prompts.ts';
import { CopyText } from './CopyText.tsx';
import css from './ShownOnce.module.css';

interface Props {
  readonly secret: Secret | null;
  onKept(): void;
}

/** A secret that is shown now and never again: only the button that says so closes it. */
export const ShownOnce = ({ secret, onKept }: Props) => {
  const { t } = useTranslation();
  const [only, ...more] = secret?.texts ?? [];
  return (
    <Modal
      opened={secret !== null}
      onClose={onKept}
      title={secret?.headline ?? ''}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      transitionProps={{ duration: 0 }}
    >
      <div className={css.secret}>
        <p>{secret?.hint}</p>
        {only !== undefined && more.length === 0 && <CopyText text={only} label={t('common.copy')} />}
        {more.length > 0 && (
          <ul className={css.texts} aria-label={secret?.headline}>
            {secret?.texts.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        <p className={css.once}>{t('web.once')}</p>
        <Button onClick={onKept} data-autofocus>
          {t('web.kept')}
        </Button>
      </div>
    </Modal>
  );
};
