import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobView } from '../../src-preload/contract/index.ts';
import { changes } from '../stores/announce.ts';

/** Says aloud what changed since the last state, politely. */
export const Announcer = ({ jobs }: { readonly jobs: readonly JobView[] }) => {
  const { t } = useTranslation();
  const before = useRef(jobs);
  const [words, setWords] = useState('');
  useEffect(() => {
    const said = changes(before.current, jobs).map(({ title, situation }) =>
      t('job.announce', { title: title ?? t('job.hidden'), state: t(`job.state.${situation}`) })
    );
    before.current = jobs;
    if (said.length > 0) setWords(said.join('. '));
  }, [jobs, t]);
  return (
    <VisuallyHidden role="log" aria-live="polite">
      {words}
    </VisuallyHidden>
  );
};
