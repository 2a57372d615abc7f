import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../../stores/console.ts';
import type { Read } from '../../../stores/reads.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from './pages.module.css';

interface Props<Token> {
  readonly read: Read<readonly Token[]>;
  readonly id: string;
  readonly headline: string;
  readonly hint: string;
  /** What the button says that makes another one; undefined: there is no button. */
  readonly make: string | undefined;
  onRetry(): void;
  onMake(): void;
  onRevoke(token: Token): void;
  /** Until when it works. */
  mark(token: Token): ReactNode;
  children(token: Token): ReactNode;
}

/** Tokens of one kind: what each is for, until when it works, and a way to end it. */
export const TokenList = <Token extends { readonly id: string }>(props: Props<Token>) => {
  const { read, id, headline, hint, make, onRetry, onMake, onRevoke, mark, children } = props;
  const { t } = useTranslation();
  const may = useMay();
  return (
    <section className={css.section} aria-labelledby={id}>
      <div className={css.row}>
        <h2 id={id}>{headline}</h2>
        {make && (
          <Button size="sm" variant="light" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={onMake}>
            {make}
          </Button>
        )}
      </div>
      <p>{hint}</p>
      <ReadGate read={read} onRetry={onRetry} lines={2}>
        {(tokens) =>
          tokens.length === 0 ? (
            <p>{t('admin.tokens.none')}</p>
          ) : (
            <ul className={css.lines} aria-labelledby={id}>
              {tokens.map((token) => (
                <li key={token.id}>
                  <span className={css.what}>{children(token)}</span>
                  {mark(token)}
                  {may('manage') && (
                    <Button size="sm" variant="default" onClick={() => onRevoke(token)}>
                      {t('admin.tokens.revoke')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </ReadGate>
    </section>
  );
};
