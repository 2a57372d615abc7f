import { useTranslation } from 'react-i18next';
import { isErrorCode } from '../../src-preload/contract/errors.ts';
import type { Failure } from '../../src-preload/contract/index.ts';
import { Note } from './Note.tsx';

interface Props {
  readonly failure: Pick<Failure, 'code' | 'detail'>;
  readonly role?: 'alert' | 'note';
  readonly large?: boolean;
}

/** A coded failure in the words of the catalogue; the sender's own message is for logs. */
export const FailureNote = ({ failure, role = 'alert', large = false }: Props) => {
  const { t } = useTranslation();
  const code = isErrorCode(failure.code) ? failure.code : 'internal';
  return (
    <Note
      tone={code === 'job-uncertain' ? 'unsure' : 'trouble'}
      title={t(`errors.${code}.message`)}
      next={t(`errors.${code}.next`)}
      detail={failure.detail}
      role={role}
      large={large}
    />
  );
};
