import { useTranslation } from 'react-i18next';
import type { Role } from '../../../src-preload/contract/index.ts';

/** What a machine is for, in words; a node outside of the organization's network is called so. */
export const useRoleWords = () => {
  const { t } = useTranslation();
  return ({ roles, cloud }: { readonly roles: readonly Role[]; readonly cloud: boolean }): string =>
    roles.map((role) => (cloud && role === 'node' ? t('admin.cloudNode') : t(`admin.role.${role}`))).join(', ');
};
