import { useTranslation } from 'react-i18next';
import { type Console, ConsoleProvider } from '../../stores/console.ts';
import css from '../../ui/Gate.module.css';
import { Mark } from '../../ui/Mark.tsx';
import { Prompt } from '../../ui/Prompt.tsx';
import { SessionGate } from '../../ui/SessionGate.tsx';
import { NewPassword } from './account/NewPassword.tsx';
import { ConfirmIdentity } from './ConfirmIdentity.tsx';
import { Shell } from './Shell.tsx';
import { SignIn } from './SignIn.tsx';

/** Who is there first; then the console, and above it the two questions that any page may ask. */
export const App = ({ context }: { readonly context: Console }) => (
  <ConsoleProvider value={context}>
    <SessionGate session={context.session} kind="admin" signIn={<SignIn />}>
      {({ mustChangePassword }) => (mustChangePassword ? <GivenPassword /> : <Shell />)}
    </SessionGate>
    <Prompt prompts={context.prompts} />
    <ConfirmIdentity />
  </ConsoleProvider>
);

/** Nothing else can be done before the password is one's own. */
const GivenPassword = () => {
  const { t } = useTranslation();
  return (
    <main className={css.gate}>
      <div className={css.card}>
        <Mark size={56} />
        <h1>{t('admin.account.givenHeadline')}</h1>
        <p className={css.hint}>{t('admin.account.givenHint')}</p>
        <NewPassword />
      </div>
    </main>
  );
};
