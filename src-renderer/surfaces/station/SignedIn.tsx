import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { StationState } from '../../../src-preload/contract/index.ts';
import type { SessionStore } from '../../stores/session.ts';
import { Announcer } from '../../ui/Announcer.tsx';
import { Documents } from './Documents.tsx';
import { IdleWarning } from './IdleWarning.tsx';
import { RunView } from './RunView.tsx';
import css from './SignedIn.module.css';
import { StationHeader } from './StationHeader.tsx';

interface Props {
  readonly state: StationState;
  readonly open: NonNullable<StationState['session']>;
  readonly session: SessionStore;
}

const stayEvery = 10_000;

/** One person's documents: choose, print, take, leave. Signing out is always in sight. */
export const SignedIn = ({ state, open, session }: Props) => {
  const { run, stay, signOut } = useStore(session);
  const busy = run !== null && !run.finished;
  // While documents come out of the printer their owner is taken to be standing there.
  useEffect(() => {
    if (!busy) return;
    stay();
    const timer = setInterval(stay, stayEvery);
    return () => clearInterval(timer);
  }, [busy, stay]);
  const failed = run?.finished && [...run.results.values()].some((result) => typeof result === 'object');
  const idle = run === null || failed;
  return (
    <div className={css.page}>
      <StationHeader user={open.user} expires={idle ? open.expires : null} onSignOut={() => void signOut()} />
      {run ? (
        <RunView run={run} state={state} jobs={open.jobs} session={session} />
      ) : (
        <Documents state={state} jobs={open.jobs} session={session} />
      )}
      {idle && <IdleWarning expires={open.expires} onStay={stay} onSignOut={() => void signOut()} />}
      <Announcer jobs={open.jobs} />
    </div>
  );
};
