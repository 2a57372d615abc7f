import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSites } from '../../../stores/use-sites.ts';

interface Props {
  /** Id of a site; empty: the first one. */
  readonly value: string;
  onChange(site: string): void;
}

/** Where something belongs. Nothing is asked while there is only one site. */
export const SiteField = ({ value, onChange }: Props) => {
  const { t } = useTranslation();
  const { sites, several, options } = useSites();
  if (!several) return null;
  return (
    <NativeSelect
      label={t('admin.sites.site')}
      value={value || sites.find(({ first }) => first)?.id || ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={options}
    />
  );
};
