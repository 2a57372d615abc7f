import { useTranslation } from 'react-i18next';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatShortDay } from '../../../i18n/format.ts';
import css from './pages.module.css';

interface Props {
  readonly days: Output<'admin.report.daily'>;
  readonly label: string;
}

/** Jobs that ended on each day, by how. The sums stand below it in words; for screen readers it is one picture. */
const DailyChart = ({ days, label }: Props) => {
  const { t } = useTranslation();
  const series = ['printed', 'erased', 'canceled'] as const;
  return (
    <div className={css.chart} role="img" aria-label={label}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 800, height: 220 }}>
        <BarChart data={[...days]} margin={{ top: 8, right: 0, bottom: 0, left: -16 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="day"
            tickFormatter={formatShortDay}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            tick={{ fill: 'var(--muted)' }}
            minTickGap={16}
          />
          <YAxis allowDecimals={false} tickLine={false} axisLine={false} tick={{ fill: 'var(--muted)' }} />
          <Tooltip
            cursor={{ fill: 'var(--sheet-hover)' }}
            labelFormatter={(day) => formatShortDay(String(day))}
            contentStyle={{
              border: '1px solid var(--line)',
              borderRadius: 10,
              background: 'var(--sheet)',
              color: 'var(--text)'
            }}
          />
          {series.map((name) => (
            <Bar
              key={name}
              dataKey={name}
              name={t(`admin.overview.series.${name}`)}
              stackId="jobs"
              fill={`var(--chart-${name})`}
              stroke="var(--sheet)"
              isAnimationActive={false}
              maxBarSize={36}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
};
export default DailyChart;
