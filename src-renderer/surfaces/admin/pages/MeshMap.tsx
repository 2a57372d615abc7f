import { useTranslation } from 'react-i18next';
import css from './MeshMap.module.css';

/** `doubted`: connected to the coordinator, and other nodes do not reach it. */
type State = 'online' | 'doubted' | 'offline';
interface Props {
  readonly nodes: readonly { readonly id: string; readonly name: string; readonly state: State }[];
}

const width = 720;
const height = 260;
/** More would be a cloud of dots that says less than the list below it. */
const most = 24;

/** The coordinator in the middle, its nodes around it, a line to each that answers. The list beside it says the same in words. */
export const MeshMap = ({ nodes }: Props) => {
  const { t } = useTranslation();
  if (nodes.length > most) return null;
  const places = nodes.map((node, at) => {
    const angle = (at / nodes.length) * 2 * Math.PI - Math.PI / 2 + Math.PI / Math.max(nodes.length, 2);
    return { ...node, x: width / 2 + Math.cos(angle) * 270, y: height / 2 + Math.sin(angle) * 92 };
  });
  return (
    <svg className={css.map} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {places.map(({ id, x, y, state }) => (
        <path key={id} className={css.line} data-state={state} d={`M${width / 2} ${height / 2} L${x} ${y}`} />
      ))}
      <circle className={css.centre} cx={width / 2} cy={height / 2} r="26" />
      <text className={css.inside} x={width / 2} y={height / 2 + 46}>
        {t('admin.mesh.coordinator')}
      </text>
      {places.map(({ id, name, x, y, state }) => (
        <g key={id}>
          <circle className={css.node} data-state={state} cx={x} cy={y} r="14" />
          <text className={css.name} x={x} y={y + 32}>
            {name.length > 18 ? `${name.slice(0, 17)}…` : name}
          </text>
        </g>
      ))}
    </svg>
  );
};
