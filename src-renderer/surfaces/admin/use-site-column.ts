import { useTranslation } from 'react-i18next';
import { useSites } from '../../stores/use-sites.ts';
import type { DataColumn, DataFilter } from '../../ui/DataTable.tsx';

interface Placed {
  readonly site: string;
}

/** A table's column and filter that say where its rows belong; neither while there is only one site. */
export const useSiteColumn = <Row extends Placed>() => {
  const { t } = useTranslation();
  const { several, nameOf, options } = useSites();
  const column: DataColumn<Row> = {
    id: 'site',
    label: t('admin.sites.site'),
    text: ({ site }) => nameOf(site),
    wide: true
  };
  const filter: DataFilter<Row> = {
    id: 'site',
    label: t('admin.anySite'),
    options,
    matches: ({ site }, value) => site === value
  };
  return { several, nameOf, siteColumn: several ? [column] : [], siteFilter: several ? [filter] : [] };
};
