import css from './QrCode.module.css';
import { qrCode } from './qr-code.ts';

/** Something to be scanned. Always dark on white: not every camera reads it the other way round. */
export const QrCode = ({ text, label }: { readonly text: string; readonly label: string }) => {
  const rows = qrCode(text);
  const size = rows.length + 8;
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('');
  return (
    <svg className={css.code} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path fill="#000" d={path} />
    </svg>
  );
};
