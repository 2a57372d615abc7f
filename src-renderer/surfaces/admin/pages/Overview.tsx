import { IconAlertTriangle, IconChecklist, IconCircleCheck } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { goTo } from '../../../stores/address.ts';
import { useAnswer, useConsole } from '../../../stores/console.ts';
import { type Need, needsOf } from '../../../stores/needs.ts';
import { useMinute } from '../../../stores/now.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { LastDays } from './LastDays.tsx';
import css from './pages.module.css';

/** Whether all is well, what is not, what happens now, and how the last two weeks went. */
export const Overview = () => {
  const { t } = useTranslation();
  const start = useAnswer('console.start');
  const setup = start.read.value?.setup;
  // Whoever comes here for the first time is led through what is still to be done.
  useEffect(() => {
    if (setup && !setup.passwordChanged) goTo('setup');
  }, [setup]);
  return (
    <Page title={t('admin.page.overview')}>
      <ReadGate {...start}>
        {(value) => (
          <>
            <SetupCard setup={value.setup} />
            <Needs start={value} />
            <Tiles overview={value.overview} />
            <LastDays days={14} />
          </>
        )}
      </ReadGate>
    </Page>
  );
};

type Start = Output<'console.start'>;

const SetupCard = ({ setup }: Pick<Start, 'setup'>) => {
  const { t } = useTranslation();
  const steps = Object.values(setup);
  const done = steps.filter(Boolean).length;
  if (done === steps.length) return null;
  return (
    <ul className={css.needs}>
      <li>
        <IconChecklist size={20} stroke={1.8} aria-hidden="true" />
        <span className={css.what}>
          <strong>{t('admin.setup.unfinished', { done, all: steps.length })}</strong>
        </span>
        <a href="#/setup">{t('admin.setup.goOn')}</a>
      </li>
    </ul>
  );
};

const linkOf: Readonly<Record<Need['kind'], string>> = {
  pairing: '#/approvals',
  printers: '#/approvals',
  noNode: '#/mesh',
  nodesOffline: '#/mesh',
  uncertain: '#/jobs?state=uncertain',
  certificateEnded: '#/mesh',
  certificateEnds: '#/mesh',
  printerCertificate: '#/printers',
  noSecondFactor: '#/account'
};

const Needs = ({ start }: { readonly start: Start }) => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const as = useStore(session, ({ view }) => view?.as);
  const mesh = useAnswer('admin.mesh.status');
  const printers = useAnswer('admin.printer.list');
  const now = useMinute();
  const needs = needsOf({
    overview: start.overview,
    nodes: mesh.read.value?.nodes ?? [],
    printers: printers.read.value ?? [],
    secondFactor: as?.kind !== 'admin' || as.secondFactor.totp || as.secondFactor.passkeys > 0,
    now
  });
  if (needs.length === 0)
    return (
      <p className={css.calm}>
        <IconCircleCheck size={22} stroke={1.8} aria-hidden="true" />
        {t('admin.overview.calm')}
      </p>
    );
  return (
    <section className={css.section} aria-labelledby="needs">
      <h2 id="needs">{t('admin.overview.needs')}</h2>
      <ul className={css.needs}>
        {needs.map(({ kind, tone, count, names }) => (
          <li key={kind} data-tone={tone}>
            <IconAlertTriangle size={20} stroke={1.8} aria-hidden="true" />
            <span className={css.what}>
              <strong>{t(`admin.need.${kind}`, { count })}</strong>
              {names.length > 0 && <span>{names.join(', ')}</span>}
            </span>
            <a
              href={linkOf[kind]}
              aria-label={t('admin.overview.lookAt', { what: t(`admin.need.${kind}`, { count }) })}
            >
              {t('admin.overview.look')}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Tiles = ({ overview }: Pick<Start, 'overview'>) => {
  const { t } = useTranslation();
  const { jobs, nodes, devices, users, printers } = overview;
  const tile = (name: string, href: string, value: number, of?: number, tone?: string) => (
    <a className={css.tile} href={href} data-tone={tone}>
      <strong>
        {value}
        {of !== undefined && <small> {t('admin.overview.of', { all: of })}</small>}
      </strong>
      <span>{name}</span>
    </a>
  );
  return (
    <section aria-label={t('admin.overview.now')} className={css.tiles}>
      {tile(t('admin.overview.held'), '#/jobs?state=held', jobs.held ?? 0)}
      {tile(t('admin.overview.printing'), '#/jobs?state=printing', (jobs.printing ?? 0) + (jobs.released ?? 0))}
      {tile(
        t('admin.overview.uncertain'),
        '#/jobs?state=uncertain',
        jobs.uncertain ?? 0,
        undefined,
        jobs.uncertain ? 'unsure' : undefined
      )}
      {tile(
        t('admin.overview.nodes'),
        '#/mesh',
        nodes.online,
        nodes.approved,
        nodes.online < nodes.approved ? 'trouble' : undefined
      )}
      {tile(t('admin.overview.devices'), '#/devices?state=online', devices.online, devices.approved)}
      {tile(t('admin.overview.users'), '#/users', users.active)}
      {tile(t('admin.overview.printers'), '#/printers', printers.approved)}
    </section>
  );
};
