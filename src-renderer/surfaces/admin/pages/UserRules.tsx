import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { ChoiceField, NumberField, SwitchField } from '../settings/fields.tsx';
import { SettingsForm } from '../settings/SettingsForm.tsx';

type Rules = Output<'admin.user.rules'>;

/** What is decided about people: their PINs, delegates and guests. */
export const UserRules = () => {
  const { t } = useTranslation();
  const answer = useAnswer('admin.user.rules');
  return (
    <Page
      title={t('admin.page.userRules')}
      hint={t('admin.userRules.hint')}
      actions={
        <Button component="a" href="#/users" size="sm" variant="default">
          {t('admin.page.users')}
        </Button>
      }
    >
      <ReadGate {...answer}>{(rules) => <RulesForm key={JSON.stringify(rules)} rules={rules} />}</ReadGate>
    </Page>
  );
};

const RulesForm = ({ rules }: { readonly rules: Rules }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const groups = useAnswer('admin.group.list').read.value ?? [];
  const { busy, failure, act } = useAct();
  const save = async (change: Partial<Rules>) => {
    if (await act('admin.user.set-rules', change)) prompts.getState().say(t('admin.userRules.saved'));
  };
  return (
    <SettingsForm
      saved={rules}
      editable={useMay()('dangerous')}
      busy={busy}
      failure={failure}
      valid={({ pinLength, guestHours }) =>
        pinLength >= 4 && pinLength <= 12 && guestHours >= 1 && guestHours <= longestGuest
      }
      onSave={(change) => void save(change)}
    >
      {(draft, amend) => (
        <>
          <NumberField
            label={t('admin.userRules.pinLength')}
            description={t('admin.userRules.pinLengthHint')}
            value={draft.pinLength}
            onChange={(pinLength) => amend({ pinLength })}
            min={4}
            max={12}
          />
          <SwitchField
            label={t('admin.userRules.yearPins')}
            description={t('admin.userRules.yearPinsHint')}
            value={draft.yearPins === 'refused'}
            onChange={(refused) => amend({ yearPins: refused ? 'refused' : 'allowed' })}
          />
          <SwitchField
            label={t('admin.userRules.delegates')}
            description={t('admin.userRules.delegatesHint')}
            value={draft.delegates}
            onChange={(delegates) => amend({ delegates })}
          />
          <SwitchField
            label={t('admin.userRules.guests')}
            description={t('admin.userRules.guestsHint')}
            value={draft.guests}
            onChange={(guests) => amend({ guests })}
          />
          {draft.guests && (
            <>
              <ChoiceField
                label={t('admin.userRules.guestHosts')}
                value={draft.guestHosts ?? ''}
                onChange={(group) => amend({ guestHosts: group || null })}
                options={[
                  { value: '', label: t('admin.rule.everybody') },
                  ...groups.map(({ id, name }) => ({ value: id, label: name }))
                ]}
              />
              <NumberField
                label={t('admin.userRules.guestHours')}
                description={t('admin.userRules.guestHoursHint')}
                value={draft.guestHours}
                onChange={(guestHours) => amend({ guestHours })}
                min={1}
                max={longestGuest}
              />
            </>
          )}
          <SwitchField
            label={t('admin.userRules.emailSignIn')}
            description={t('admin.userRules.emailSignInHint')}
            value={draft.emailSignIn}
            onChange={(emailSignIn) => amend({ emailSignIn })}
          />
        </>
      )}
    </SettingsForm>
  );
};

/** Hours of 31 days. */
const longestGuest = 24 * 31;
