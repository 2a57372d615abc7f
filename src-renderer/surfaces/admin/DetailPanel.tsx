import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { amendAddress, useAddress } from '../../stores/address.ts';
import css from './DetailPanel.module.css';

interface Props<Row> {
  readonly rows: readonly Row[] | undefined;
  keyOf(row: Row): string;
  nameOf(row: Row): string;
  children(row: Row): ReactNode;
}

/** The row that the address names (`open`), beside the table: all that is known of it and what can be done with it. */
export const DetailPanel = <Row,>({ rows, keyOf, nameOf, children }: Props<Row>) => {
  const { t } = useTranslation();
  const { open } = useAddress().query;
  const row = open === undefined ? undefined : rows?.find((one) => keyOf(one) === open);
  return (
    <Drawer
      opened={row !== undefined}
      onClose={() => amendAddress({ open: '' })}
      title={row === undefined ? '' : nameOf(row)}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {row !== undefined && <div className={css.panel}>{children(row)}</div>}
    </Drawer>
  );
};

/** What can be done, at the foot of the panel. */
export const PanelActions = ({ children }: { readonly children: ReactNode }) => (
  <div className={css.actions}>{children}</div>
);
