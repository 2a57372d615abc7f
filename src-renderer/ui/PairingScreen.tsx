import { Button, Loader, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { PairingView } from '../../src-preload/contract/index.ts';
import type { PairingStore } from '../stores/pairing.ts';
import { Countdown } from './Countdown.tsx';
import { FailureNote } from './FailureNote.tsx';
import { Mark } from './Mark.tsx';
import css from './PairingScreen.module.css';

type Unpaired = Extract<PairingView, { state: 'unpaired' }>;
type Comparing = Extract<PairingView, { state: 'pairing' }>;

interface Props {
  readonly view: Unpaired | Comparing;
  readonly store: PairingStore;
  readonly device: string;
  readonly large?: boolean;
}

/** How a machine joins its organization: where to ask, then six digits that two people compare. */
export const PairingScreen = ({ view, store, device, large = false }: Props) => (
  <main className={css.screen} data-large={large || undefined}>
    <div className={css.card}>
      {view.state === 'unpaired' ? (
        <PairingForm view={view} store={store} device={device} large={large} />
      ) : (
        <PairingCode view={view} store={store} large={large} />
      )}
    </div>
  </main>
);

const PairingForm = ({ view, store, device, large }: Props & { readonly view: Unpaired }) => {
  const { t } = useTranslation();
  const { busy, failure, proposed, begin } = useStore(store);
  const [where, setWhere] = useState(proposed ?? '');
  const [name, setName] = useState(device);
  const shown = failure ?? view.failure;
  useEffect(() => {
    if (proposed !== null) setWhere(proposed);
  }, [proposed]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void begin(where, name);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <Mark size={large ? 72 : 56} />
      <h1>{t('pairing.headline')}</h1>
      <p className={css.intro}>{t('pairing.intro')}</p>
      {shown && <FailureNote failure={shown} />}
      {proposed !== null && (
        <p className={css.intro} role="status">
          {t('pairing.fromLink')}
        </p>
      )}
      <TextInput
        label={t('pairing.where')}
        description={t('pairing.whereHint')}
        value={where}
        onChange={(event) => setWhere(event.currentTarget.value)}
        maxLength={512}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        autoFocus
      />
      <TextInput
        label={t('pairing.name')}
        description={t('pairing.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        spellCheck={false}
      />
      <Button type="submit" size={large ? 'xl' : 'md'} loading={busy} disabled={!where.trim()}>
        {t('pairing.begin')}
      </Button>
    </form>
  );
};

const PairingCode = ({ view, store, large }: Omit<Props, 'view' | 'device'> & { readonly view: Comparing }) => {
  const { t } = useTranslation();
  const { cancel } = useStore(store);
  const { code, coordinator, expires } = view;
  return (
    <div className={css.form}>
      <Mark size={large ? 72 : 56} />
      {code ? (
        <>
          <h1>{t('pairing.codeHeadline')}</h1>
          {/* Two groups of three are easier to compare; the name carries the digits one by one. */}
          <p
            className={css.code}
            role="img"
            aria-label={`${t('pairing.code')} ${[...code].join(' ')}`}
            data-code={code}
          >
            <span>{code.slice(0, 3)}</span>
            <span>{code.slice(3)}</span>
          </p>
          <p className={css.intro}>{t('pairing.codeHint')}</p>
        </>
      ) : (
        <>
          <h1>{t('pairing.contacting', { coordinator })}</h1>
          <p className={css.intro}>{t('pairing.contactingHint')}</p>
        </>
      )}
      <p className={css.waiting} role="status">
        <Loader size="xs" aria-hidden="true" />
        {code && <span>{t('pairing.waiting', { coordinator })}</span>}
        {expires && (
          <Countdown until={expires}>
            {(time, seconds) => (seconds > 0 ? t('pairing.expires', { time }) : t('pairing.expired'))}
          </Countdown>
        )}
      </p>
      <Button variant="default" size={large ? 'xl' : 'md'} onClick={() => void cancel()}>
        {t('pairing.cancel')}
      </Button>
    </div>
  );
};
