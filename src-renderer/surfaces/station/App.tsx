import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { StationState } from '../../../src-preload/contract/index.ts';
import { useNow } from '../../stores/now.ts';
import type { PairingStore } from '../../stores/pairing.ts';
import { isOpen, type SessionStore } from '../../stores/session.ts';
import type { SnapshotStore } from '../../stores/snapshot.ts';
import { EngineGate } from '../../ui/EngineGate.tsx';
import { PairingScreen } from '../../ui/PairingScreen.tsx';
import css from './App.module.css';
import { SignedIn } from './SignedIn.tsx';
import { Welcome } from './Welcome.tsx';

interface Props {
  readonly snapshot: SnapshotStore<StationState>;
  readonly pairing: PairingStore;
  readonly session: SessionStore;
}

/** Pairing, welcome, or one person's documents. Nothing of a person outlives their session on this screen. */
export const App = ({ snapshot, pairing, session }: Props) => (
  <div className={css.app}>
    <EngineGate snapshot={snapshot}>
      {(state) =>
        state.pairing.state === 'paired' ? (
          <Paired
            state={state}
            organization={state.pairing.organization}
            session={session}
            accept={snapshot.getState().accept}
          />
        ) : (
          <PairingScreen view={state.pairing} store={pairing} device={state.device.name} large />
        )
      }
    </EngineGate>
  </div>
);

interface PairedProps {
  readonly state: StationState;
  readonly organization: string;
  readonly session: SessionStore;
  accept(state: StationState): void;
}

const Paired = ({ state, organization, session, accept }: PairedProps) => {
  const now = useNow();
  const { leaving, forget, left } = useStore(session);
  const nobody = state.session === null;
  // The engine ends sessions; should it be late, this screen does not wait for it.
  const open = state.session !== null && !leaving && isOpen(state.session.expires, now);
  useEffect(() => {
    if (open) return forget; // whatever ends the session, what it left is forgotten
  }, [open, forget]);
  useEffect(() => {
    if (nobody) left();
  }, [nobody, left]);
  return open && state.session ? (
    <SignedIn state={state} open={state.session} session={session} />
  ) : (
    <Welcome state={state} organization={organization} session={session} accept={accept} />
  );
};
