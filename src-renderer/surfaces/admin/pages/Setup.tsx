import { Button } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAnswer } from '../../../stores/console.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { NewPassword } from '../account/NewPassword.tsx';
import { SecondFactor } from '../account/SecondFactor.tsx';
import { AddPrinter } from '../forms/AddPrinter.tsx';
import { ApprovePrinter } from '../forms/ApprovePrinter.tsx';
import { NewEnrollmentToken } from '../forms/NewEnrollmentToken.tsx';
import { PairingCard } from '../forms/PairingCard.tsx';
import { AddUser } from '../forms/user.tsx';
import { Page } from '../Page.tsx';
import css from './Setup.module.css';

type Step = keyof Output<'console.start'>['setup'];
const steps: readonly Step[] = ['passwordChanged', 'secondFactor', 'node', 'printer', 'user', 'client'];

/** From the first sign-in to the first page: what is still to be done, in order. Each step ticks itself off when it is done. */
export const Setup = () => {
  const { t } = useTranslation();
  const start = useAnswer('console.start');
  return (
    <Page title={t('admin.setup.headline')} hint={t('admin.setup.hint')}>
      <ReadGate {...start}>{({ setup }) => <Steps setup={setup} />}</ReadGate>
    </Page>
  );
};

const Steps = ({ setup }: Pick<Output<'console.start'>, 'setup'>) => {
  const { t } = useTranslation();
  const [skipped, setSkipped] = useState<ReadonlySet<Step>>(new Set());
  const present = steps.find((step) => !setup[step] && !skipped.has(step));
  return (
    <>
      <ol className={css.steps}>
        {steps.map((step) => {
          const done = setup[step];
          const Icon = done ? IconCircleCheckFilled : IconCircle;
          return (
            <li
              key={step}
              className={css.step}
              data-done={done}
              {...(step === present ? { 'aria-current': 'step' as const } : {})}
            >
              <Icon size={24} aria-hidden="true" />
              <div className={css.body}>
                <h2>
                  {t(`admin.setup.${step}`)} {done && <span className={css.done}>{t('admin.setup.done')}</span>}
                </h2>
                {step === present && (
                  <>
                    <p className={css.hint}>{t(`admin.setup.${step}Hint`)}</p>
                    {contents[step]}
                    {step !== 'passwordChanged' && (
                      <Button variant="subtle" size="sm" onClick={() => setSkipped(new Set([...skipped, step]))}>
                        {t('admin.setup.later')}
                      </Button>
                    )}
                  </>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      {!present && (
        <div>
          <a className={css.finish} href="#/">
            {t(steps.every((step) => setup[step]) ? 'admin.setup.finished' : 'admin.setup.toOverview')}
          </a>
        </div>
      )}
    </>
  );
};

/** Machines that ask right now, and a token for those that nobody stands before. */
const Joining = () => {
  const { t } = useTranslation();
  const requests = useAnswer('admin.pairing.list');
  const [making, setMaking] = useState(false);
  return (
    <>
      {(requests.read.value?.length ?? 0) > 0 ? (
        <ul className={css.cards} aria-label={t('admin.approvals.machines')}>
          {requests.read.value?.map((request) => (
            <PairingCard key={request.id} request={request} />
          ))}
        </ul>
      ) : (
        <p className={css.waiting} role="status">
          {t('admin.setup.waiting')}
        </p>
      )}
      <Button variant="default" size="sm" onClick={() => setMaking(true)}>
        {t('admin.tokens.newEnrollment')}
      </Button>
      <NewEnrollmentToken opened={making} onClose={() => setMaking(false)} />
    </>
  );
};

const FirstPrinter = () => {
  const { t } = useTranslation();
  const printers = useAnswer('admin.printer.list');
  const [adding, setAdding] = useState(false);
  const [approving, setApproving] = useState<Output<'admin.printer.list'>[number] | null>(null);
  const pending = printers.read.value?.find(({ status }) => status === 'pending');
  return (
    <>
      {pending ? (
        <Button onClick={() => setApproving(pending)}>{t('admin.printers.compare')}</Button>
      ) : (
        <Button onClick={() => setAdding(true)}>{t('admin.printers.add')}</Button>
      )}
      <AddPrinter opened={adding} onClose={() => setAdding(false)} onAdded={setApproving} />
      <ApprovePrinter printer={approving} onClose={() => setApproving(null)} />
    </>
  );
};

const FirstUser = () => {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Button onClick={() => setAdding(true)}>{t('admin.users.add')}</Button>
      <AddUser opened={adding} onClose={() => setAdding(false)} />
    </>
  );
};

const contents: Readonly<Record<Step, ReactNode>> = {
  passwordChanged: <NewPassword />,
  secondFactor: <SecondFactor />,
  node: <Joining />,
  printer: <FirstPrinter />,
  user: <FirstUser />,
  client: <Joining />
};
