import { type ComponentType, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import type { SignedInAs } from '../../src-preload/contract/index.ts';
import { createHttpsGateway } from '../gateway/https.ts';
import { catalogue } from '../i18n/index.ts';
import type { Console } from '../stores/console.ts';
import { followSession } from '../stores/follow-session.ts';
import { createPrompts } from '../stores/prompts.ts';
import { createReads } from '../stores/reads.ts';
import { createWebSession } from '../stores/web-session.ts';
import { Theme } from '../theme/index.tsx';

/** A page in a browser, for people of one kind: stores over HTTPS, then what is shown. */
export const openPage = (kind: SignedInAs['kind'], App: ComponentType<{ readonly context: Console }>): void => {
  const gateway = createHttpsGateway();
  const session = createWebSession(gateway);
  const reads = createReads((procedure, input) => session.getState().read(procedure, input));
  followSession(gateway, session, reads, kind);
  void session.getState().start();

  const root = document.getElementById('root');
  if (!root) throw new Error('the page has no #root');
  createRoot(root).render(
    <StrictMode>
      <I18nextProvider i18n={catalogue()}>
        <Theme>
          <App context={{ session, reads, prompts: createPrompts() }} />
        </Theme>
      </I18nextProvider>
    </StrictMode>
  );
};
