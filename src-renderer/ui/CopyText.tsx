import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import css from './CopyText.module.css';

interface Props {
  readonly text: string;
  /** What the button copies, for those who cannot see it. */
  readonly label: string;
}

/** Something to be typed elsewhere, with a button that copies it. */
export const CopyText = ({ text, label }: Props) => {
  const { t } = useTranslation();
  const { copied, copy } = useClipboard();
  const Icon = copied ? IconCheck : IconCopy;
  return (
    <div className={css.copy}>
      <code className={css.text}>
        {/* A long address breaks before its path, not within its port. */}
        {text.split(/(?<=\d)(?=\/)/).map((part) => (
          <Fragment key={part}>
            {part}
            <wbr />
          </Fragment>
        ))}
      </code>
      <ActionIcon
        variant="subtle"
        size={44}
        aria-label={copied ? t('common.copied') : label}
        onClick={() => copy(text)}
      >
        <Icon size={18} stroke={1.8} aria-hidden="true" />
      </ActionIcon>
    </div>
  );
};
