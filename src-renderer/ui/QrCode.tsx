import encodeQR from 'qr';
import css from './QrCode.module.css';

interface Props {
  readonly text: string;
  readonly label: string;
  readonly large?: boolean;
}

/** Something to be scanned. Always dark on white: not every camera reads it the other way round. */
export const QrCode = ({ text, label, large = false }: Props) => {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg
      className={css.code}
      data-large={large || undefined}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path fill="#000" d={path} />
    </svg>
  );
};
