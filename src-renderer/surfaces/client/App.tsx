import type { Bridge, ClientState } from '../../../src-preload/contract/index.ts';
import type { PairingStore } from '../../stores/pairing.ts';
import type { ReleaseStore } from '../../stores/release.ts';
import type { SnapshotStore } from '../../stores/snapshot.ts';
import type { TicketStore } from '../../stores/ticket.ts';
import { Announcer } from '../../ui/Announcer.tsx';
import { EngineGate } from '../../ui/EngineGate.tsx';
import { PairingScreen } from '../../ui/PairingScreen.tsx';
import css from './App.module.css';
import { Approvals } from './Approvals.tsx';
import { Queue } from './Queue.tsx';
import { ReleaseDialog } from './ReleaseDialog.tsx';
import { Sidebar } from './Sidebar.tsx';
import { TicketDialog } from './TicketDialog.tsx';

interface Props {
  readonly bridge: Bridge;
  readonly snapshot: SnapshotStore<ClientState>;
  readonly pairing: PairingStore;
  readonly release: ReleaseStore;
  readonly ticket: TicketStore;
}

/** Pairing first; then what this computer is on the left and its jobs on the right. */
export const App = ({ bridge, snapshot, pairing, release, ticket }: Props) => (
  <EngineGate snapshot={snapshot}>
    {(state) =>
      state.pairing.state === 'paired' ? (
        <div className={css.app}>
          <Sidebar state={state} organization={state.pairing.organization} bridge={bridge} />
          <Queue
            state={state}
            bridge={bridge}
            onRelease={(job) => release.getState().open(job)}
            onTicket={(job) => ticket.getState().open(job)}
          />
          <ReleaseDialog state={state} store={release} />
          <TicketDialog state={state} store={ticket} />
          <Approvals approvals={state.approvals} bridge={bridge} />
          <Announcer jobs={state.jobs} />
        </div>
      ) : (
        <PairingScreen view={state.pairing} store={pairing} device={state.device.name} />
      )
    }
  </EngineGate>
);
