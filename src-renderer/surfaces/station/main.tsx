import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { windowBridge } from '../../gateway/bridge.ts';
import { catalogue } from '../../i18n/index.ts';
import { createPairing } from '../../stores/pairing.ts';
import { createSession } from '../../stores/session.ts';
import { createSnapshot } from '../../stores/snapshot.ts';
import { Theme } from '../../theme/index.tsx';
import { App } from './App.tsx';

/** The station's only window: stores over the bridge, then the page. Any touch or key counts as presence. */
const bridge = windowBridge();
const { store: snapshot } = createSnapshot(bridge, 'station.state');
const session = createSession(bridge);
void snapshot.getState().refresh();

const present = () => {
  if (snapshot.getState().state?.session) session.getState().stay();
};
window.addEventListener('pointerdown', present);
window.addEventListener('keydown', present);
window.addEventListener('contextmenu', (event) => event.preventDefault());

const root = document.getElementById('root');
if (!root) throw new Error('station.html has no #root');
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={catalogue()}>
      <Theme>
        <App snapshot={snapshot} pairing={createPairing(bridge)} session={session} />
      </Theme>
    </I18nextProvider>
  </StrictMode>
);
